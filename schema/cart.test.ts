import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Product } from '../catalogue/product.ts'
import { MAX_LINES } from '../domain/product.ts'
import { startNodes } from '../tests/startNodes.ts'
import { startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { bare, catalogueOf, keeper, product, shopper, tokenIn } from './shopUnderTest.ts'

/** What is sold at the moment, by sku. */
const shelf = new Map<string, Product>(
  [
    product('pen', 250),
    product('ink', 1_000),
    product('bagel', 300, { currency: 'USD' }),
    product('treasure', Number.MAX_SAFE_INTEGER),
    ...['lamp', 'vase', 'bowl', 'rug'].map((sku) => product(sku, 5_000, { isLimited: true })),
    ...Array.from({ length: MAX_LINES }, (_, n) => product(`card-${n}`, 100)),
  ].map((one) => [one.sku, one]),
)
let stop: () => Promise<unknown>
/** Two instances of the API. */
let api: TestApi
let another: TestApi
beforeAll(async () => {
  const nodes = await startNodes()
  const catalogue = catalogueOf(shelf)
  const database = `test-${randomUUID()}`
  api = await startTestApi({ ...nodes, database, catalogue })
  another = await startTestApi({ ...nodes, database, catalogue, projecting: false })
  stop = async () => {
    await another.stop()
    await api.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const eur = (amount: number) => ({ amount, currency: 'EUR' })
describe('a cart', () => {
  it('is there from the beginning, and costs nothing', async () => {
    const ann = shopper(api)
    expect(await ann.cart()).toMatchObject({
      id: ann.user,
      items: [],
      total: null,
      totals: [],
      isPriced: true,
      isCatalogueAvailable: true,
      revision: -1,
    })
  })

  it('shows what its items are and cost, in a command’s answer as when it is read', async () => {
    const ann = shopper(api)
    await ann.add('pen', 2)
    const answer = await ann.add('ink')
    expect(answer).toMatchObject({
      __typename: 'Cart',
      items: [
        { sku: 'pen', quantity: 2, product: { name: 'The pen', price: eur(250) }, total: eur(500) },
        { sku: 'ink', quantity: 1, product: { name: 'The ink', available: null }, isAvailable: true },
      ],
      total: eur(1_500),
      totals: [eur(1_500)],
      isPriced: true,
      revision: 1,
    })
    expect({ __typename: 'Cart', ...(await ann.cart(tokenIn(answer))) }).toEqual(answer)
  })

  it('is filled, changed and emptied', async () => {
    const ann = shopper(api)
    await ann.add('pen', 2)
    expect(await ann.add('pen', 3)).toMatchObject(bare({ pen: 5 }))
    await ann.add('ink')
    expect(await ann.set('pen', 1)).toMatchObject(bare({ pen: 1, ink: 1 }))
    expect(await ann.remove('pen')).toMatchObject(bare({ ink: 1 }))
    expect(await ann.remove('no-such-thing')).toMatchObject(bare({ ink: 1 }))
    const token = tokenIn(await ann.clear())
    expect(await ann.cart(token)).toMatchObject({ items: [] })
  })

  it('is nobody else’s', async () => {
    const [ann, bob] = [shopper(api), shopper(api)]
    const token = tokenIn(await ann.add('pen'))
    await bob.add('ink', 2)
    expect(await bob.clear()).toMatchObject({ id: bob.user, items: [] })
    expect(await bob.cart(token)).toMatchObject({ id: bob.user, items: [] })
    const asAdmin = shopper(api, undefined, { 'x-user-role': 'ADMIN' })
    expect(await asAdmin.cart(token)).toMatchObject({ id: asAdmin.user, items: [] })
    expect(await ann.cart(token)).toMatchObject({ id: ann.user, ...bare({ pen: 1 }) })
  })

  it('takes what two devices put into it at once, on two instances', async () => {
    const phone = shopper(api)
    const desk = shopper(another, phone.user)
    await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 ? phone : desk).add('pen')))
    const token = tokenIn(await desk.add('ink'))
    expect(await phone.cart(token)).toMatchObject(bare({ pen: 20, ink: 1 }))
  })

  it('changes once for a key, on whichever instance the request is repeated', async () => {
    const phone = shopper(api)
    const desk = shopper(another, phone.user)
    const key = { idempotencyKey: 'two pens' }
    const answers = await Promise.all([
      phone.add('pen', 2, key),
      desk.add('pen', 2, key),
      phone.add('pen', 2, key),
    ])
    for (const answer of answers) expect(answer).toMatchObject(bare({ pen: 2 }))
    await phone.clear()
    expect(await desk.add('pen', 2, key)).toMatchObject({ ...bare({ pen: 2 }), revision: 0 })
    expect(await phone.add('pen', 3, key)).toMatchObject({ __typename: 'IdempotencyConflict' })
    expect(await phone.cart(tokenIn(await desk.add('ink')))).toMatchObject(bare({ ink: 1 }))
  })

  it('holds so many different products and no more', async () => {
    const ann = shopper(api)
    for (let n = 0; n < MAX_LINES; n++) await ann.add(`card-${n}`)
    expect(await ann.add('pen')).toMatchObject({ __typename: 'TooManyLines' })
    expect(await ann.add('card-1')).toMatchObject({ __typename: 'Cart', total: eur(100 * (MAX_LINES + 1)) })
  })
})

describe('stock', () => {
  it('limits what can be added, as of this moment: what was just received counts', async () => {
    const [admin, ann] = [keeper(another), shopper(api)]
    expect(await ann.add('lamp')).toMatchObject({ __typename: 'NotAvailable', available: 0 })
    for (let n = 1; n <= 5; n++) {
      await admin.receive('lamp', 1)
      expect(await ann.add('lamp')).toMatchObject(bare({ lamp: n }))
      expect(await ann.add('lamp')).toMatchObject({ __typename: 'NotAvailable', sku: 'lamp', available: n })
    }
    expect(await ann.set('lamp', 6)).toMatchObject({ __typename: 'NotAvailable', available: 5 })
  })

  it('may be gone when the cart is read, which says so', async () => {
    const [admin, ann] = [keeper(api), shopper(api)]
    await admin.receive('vase', 3)
    await ann.add('vase', 3)
    const token = tokenIn(await admin.correct('vase', 2))
    expect(await ann.cart(token)).toMatchObject({
      items: [{ sku: 'vase', quantity: 3, product: { available: 2 }, isAvailable: false }],
      isPriced: true,
    })
    expect(await ann.set('vase', 2)).toMatchObject(bare({ vase: 2 }))
  })
})

describe('prices', () => {
  it('are those of this moment', async () => {
    const ann = shopper(api)
    shelf.set('comic', product('comic', 400))
    const token = tokenIn(await ann.add('comic', 2))
    shelf.set('comic', product('comic', 450))
    expect(await ann.cart(token)).toMatchObject({ total: eur(900) })
  })

  it('are missing while a product is gone, which can be taken out', async () => {
    const ann = shopper(api)
    shelf.set('fad', product('fad', 400))
    await ann.add('fad')
    const token = tokenIn(await ann.add('pen'))
    shelf.delete('fad')
    expect(await ann.cart(token)).toMatchObject({
      items: [
        { sku: 'fad', product: null, total: null, isAvailable: null },
        { sku: 'pen', product: { name: 'The pen' }, total: eur(250), isAvailable: true },
      ],
      total: null,
      totals: [],
      isPriced: false,
      isCatalogueAvailable: true,
    })
    expect(await ann.checkout()).toMatchObject({ __typename: 'UnknownProduct' })
    expect(await ann.remove('fad')).toMatchObject({ isPriced: true, total: eur(250) })
  })

  it('in two currencies make two totals, and no order', async () => {
    const ann = shopper(api)
    await ann.add('pen', 2)
    expect(await ann.add('bagel')).toMatchObject({
      total: null,
      totals: [eur(500), { amount: 300, currency: 'USD' }],
      isPriced: true,
    })
    expect(await ann.checkout()).toMatchObject({ __typename: 'MixedCurrencies' })
  })

  it.each([
    ['one item', { treasure: 2 }],
    ['all items', { treasure: 1, pen: 1 }],
  ])('whose sum over %s is too large make no total, and no order', async (_, items) => {
    const ann = shopper(api)
    for (const [sku, quantity] of Object.entries(items)) await ann.add(sku, quantity)
    expect(await ann.cart(tokenIn(await ann.add('ink')))).toMatchObject({ isPriced: false, total: null })
    expect(await ann.checkout()).toMatchObject({ __typename: 'AmountOutOfRange' })
  })
})
