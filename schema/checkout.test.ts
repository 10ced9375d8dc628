import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startNodes } from '../tests/startNodes.ts'
import { startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { bare, catalogueOf, keeper, product, shopper, tokenIn } from './shopUnderTest.ts'

let stop: () => Promise<unknown>
/** Two instances of the API. */
let api: TestApi
let another: TestApi
beforeAll(async () => {
  const nodes = await startNodes()
  const shelf = [product('pen', 250), product('ink', 1_000), product('bowl', 5_000, { isLimited: true })]
  const catalogue = catalogueOf(new Map(shelf.map((one) => [one.sku, one])))
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

describe('checking out', () => {
  it('makes an order of the cart, and empties it', async () => {
    const ann = shopper(api)
    await keeper(api).receive('bowl', 5)
    await ann.add('pen', 2)
    await ann.add('bowl', 1)
    const order = await ann.checkout()
    expect(order).toMatchObject({
      __typename: 'Order',
      status: 'NEW',
      price: eur(5_500),
      lines: [
        { sku: 'pen', quantity: 2, total: eur(500) },
        { sku: 'bowl', quantity: 1, total: eur(5_000) },
      ],
    })
    expect(await ann.cart(tokenIn(order))).toMatchObject({ items: [] })
    const { data } = await api.ask(
      ann.user,
      'query ($id: ID!) { order(id: $id) { id customerId } }',
      { id: order['id'] },
      { 'x-consistency-token': tokenIn(order) },
    )
    expect(data).toEqual({ order: { id: order['id'], customerId: ann.user } })
  })

  it('with one key makes one order, though the cart is filled again', async () => {
    const ann = shopper(api)
    const key = { idempotencyKey: 'my order' }
    await ann.add('pen')
    const first = await ann.checkout(key)
    await ann.add('ink')
    const { id, lines, price } = await ann.checkout(key)
    expect({ id, lines, price }).toEqual({ id: first['id'], lines: first['lines'], price: first['price'] })
    expect(await ann.cart(tokenIn(await ann.add('ink')))).toMatchObject(bare({ ink: 2 }))
  })

  it('from two devices at once with one key makes one order', async () => {
    const phone = shopper(api)
    const desk = shopper(another, phone.user)
    await phone.add('pen')
    const key = { idempotencyKey: 'the order' }
    const orders = await Promise.all([1, 2, 3, 4].map((n) => (n % 2 ? phone : desk).checkout(key)))
    expect(new Set(orders.map(({ id }) => id)).size).toBe(1)
    expect(orders[0]).toMatchObject({ __typename: 'Order' })
    expect(await phone.cart(tokenIn(orders[3]))).toMatchObject({ items: [] })
  })

  it('while another device adds loses nothing: each piece is ordered or still in the cart', async () => {
    const phone = shopper(api)
    const desk = shopper(another, phone.user)
    await phone.add('pen')
    const [order, ...added] = await Promise.all([
      phone.checkout(),
      ...Array.from({ length: 10 }, () => desk.add('pen')),
    ])
    for (const { __typename } of added) expect(__typename).toBe('Cart')
    const { lines } = z.object({ lines: z.array(z.object({ quantity: z.int() })) }).parse(order)
    const ordered = lines[0]?.quantity ?? 0
    const token = tokenIn(await desk.add('ink'))
    expect(await phone.cart(token)).toMatchObject(
      bare(ordered < 11 ? { pen: 11 - ordered, ink: 1 } : { ink: 1 }),
    )
  })

  it('makes nothing of an empty cart', async () => {
    const ann = shopper(api)
    expect(await ann.checkout()).toMatchObject({ __typename: 'EmptyCart' })
    await ann.add('pen')
    await ann.checkout()
    expect(await ann.checkout()).toMatchObject({ __typename: 'EmptyCart' })
  })

  it('with the key of an order that was not made of the cart is a conflict, and leaves the cart as it is', async () => {
    const ann = shopper(api)
    const place = `mutation { placeOrder(input: { price: { amount: 5, currency: "EUR" }, description: "a book",
      idempotencyKey: "taken" }) { __typename } }`
    await api.ask(ann.user, place)
    await ann.add('pen')
    expect(await ann.checkout({ idempotencyKey: 'taken' })).toMatchObject({
      __typename: 'IdempotencyConflict',
    })
    expect(await ann.cart(tokenIn(await ann.add('ink')))).toMatchObject(bare({ pen: 1, ink: 1 }))
  })
})
