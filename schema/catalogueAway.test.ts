import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { clientOf, serving, wellBehaved } from '../catalogue/service/underTest.ts'
import { startNodes } from '../tests/startNodes.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import { keeper, mutations, shopper, tokenIn } from './shopUnderTest.ts'

let nodes: Awaited<ReturnType<typeof startNodes>>
beforeAll(async () => {
  nodes = await startNodes()
})
afterAll(() => nodes.stop())

/** The API on a product service of its own, which goes away, and takes along what is remembered of its answers. */
const start = async (patience: object = {}) => {
  let isSilent = false
  const service = await serving((response, request, nth) => {
    if (!isSilent) wellBehaved(response, request, nth)
  })
  const catalogue = clientOf(service.url, { ...patience, freshFor: 1, usableFor: 0 })
  const api = await startTestApi({ ...nodes, catalogue })
  onTestFinished(async () => {
    await api.stop()
    await service.stop()
  })
  return {
    api,
    url: service.url,
    goAway: async () => {
      await service.stop()
      catalogue.later(10)
    },
    fallSilent: () => {
      isSilent = true
      catalogue.later(10)
    },
  }
}

it('while the product service is away, carts are there without prices, and what needs a product says so', async () => {
  const { api, url, goAway } = await start()
  const [admin, ann] = [keeper(api), shopper(api)]
  const delivery = { idempotencyKey: 'the delivery' }
  const received = await admin.receive('compass', 5, delivery)
  await ann.add('basic')
  const first = await ann.checkout({ idempotencyKey: 'the first order' })
  const two = { idempotencyKey: 'two of them' }
  const added = await ann.add('basic', 2, two)
  const one = { idempotencyKey: 'one of them' }
  const set = await ann.set('basic', 1, one)
  await ann.set('basic', 2)
  const token = tokenIn(await ann.add('compass'))
  await goAway()

  expect(await ann.cart(token)).toMatchObject({
    items: [
      { sku: 'basic', quantity: 2, product: null, total: null, isAvailable: null },
      { sku: 'compass', quantity: 1, product: null, total: null, isAvailable: null },
    ],
    total: null,
    totals: [],
    isPriced: false,
    isCatalogueAvailable: false,
  })

  const head = await api.head()
  const key = { idempotencyKey: 'later' }
  const input = { ...key, sku: 'basic', quantity: 3 }
  for (const [query, variables] of [
    ['{ products { edges { cursor } } }', {}],
    ['{ product(sku: "compass") { sku } }', {}],
    [mutations.addToCart, { input }],
    [mutations.setCartQuantity, { input }],
    [mutations.checkout, { input: key }],
  ] as const) {
    const { errors } = await api.ask(ann.user, query, variables)
    expect(errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
    expect(errors?.[0]?.message).toMatch(/product/i)
    expect(errors?.[0]?.message).not.toContain(url)
  }
  const another = { input: { ...input, warehouse: 'north' } }
  expect(await api.ask(person(), mutations.receiveStock, another, { 'x-user-role': 'ADMIN' })).toMatchObject({
    errors: [{ extensions: { code: 'UNAVAILABLE' } }],
  })

  // What was done before is answered as it was.
  expect(await ann.add('basic', 2, two)).toMatchObject({ revision: added['revision'] })
  expect(await ann.set('basic', 1, one)).toMatchObject({ revision: set['revision'] })
  expect(await ann.add('basic', 3, two)).toMatchObject({ __typename: 'IdempotencyConflict' })
  expect(await admin.receive('compass', 5, delivery)).toMatchObject({ revision: received['revision'] })
  expect(await api.head(), 'nothing is appended').toBe(head)

  // What needs no product goes on.
  expect(await ann.checkout({ idempotencyKey: 'the first order' })).toMatchObject({ id: first['id'] })
  expect(await admin.correct('compass', 4)).toMatchObject({ total: { onHand: 4 } })
  expect(await ann.remove('compass')).toMatchObject({
    items: [{ sku: 'basic' }],
    isCatalogueAvailable: false,
  })
  expect(await ann.clear()).toMatchObject({ items: [] })
})

it('a product service that falls silent is waited for as long as a cart is, and no longer', async () => {
  const { api, fallSilent } = await start({ timeout: 60_000, deadline: 60_000 })
  const ann = shopper(api)
  const token = tokenIn(await ann.add('basic'))
  fallSilent()
  expect(await ann.cart(token)).toMatchObject({ items: [{ sku: 'basic' }], isCatalogueAvailable: false })
})
