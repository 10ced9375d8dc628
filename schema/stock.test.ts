import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { products } from '../catalogue/builtIn/products.ts'
import { noon, orderId } from '../domain/controls.ts'
import { Sku } from '../domain/product.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { MAX_ON_HAND, MAX_WAREHOUSES } from '../orders/stock/events.ts'
import { stockReservations } from '../orders/stock/reservations.ts'
import { stock } from '../orders/stock/stock.ts'
import { startNodes } from '../tests/startNodes.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { catalogueOf, keeper, tokenIn } from './shopUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
let admin: ReturnType<typeof keeper>
/** What is sold at the moment. */
const shelf = new Map(products.map((product) => [String(product.sku), product]))
beforeAll(async () => {
  const nodes = await startNodes()
  api = await startTestApi({
    ...nodes,
    catalogue: catalogueOf(shelf),
  })
  admin = keeper(api)
  stop = async () => {
    await api.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const query = `query ($sku: ID!) { stock(sku: $sku) {
  sku available revision
  total { onHand reserved available received corrected writtenOff }
  warehouses { warehouse onHand reserved available received corrected writtenOff }
} }`
const stockOf = async (sku: string, token: string) => {
  await api.caughtUp(token)
  return api.ask(admin.user, query, { sku }, { 'x-user-role': 'ADMIN', 'x-consistency-token': token })
}

const pieces = (onHand: number) => ({ onHand, reserved: 0, available: onHand })

describe('receiving stock', () => {
  it('answers what every warehouse has, and the books show it', async () => {
    await admin.receive('compass', 3, { warehouse: 'south' })
    const answer = await admin.receive('compass', 5)
    expect(answer).toMatchObject({
      __typename: 'StockReceipt',
      sku: 'compass',
      total: pieces(8),
      warehouses: [
        { warehouse: 'north', ...pieces(5) },
        { warehouse: 'south', ...pieces(3) },
      ],
      revision: 1,
    })
    const level = (onHand: number) => ({ ...pieces(onHand), received: onHand, corrected: 0, writtenOff: 0 })
    expect((await stockOf('compass', tokenIn(answer))).data).toEqual({
      stock: {
        sku: 'compass',
        available: 8,
        revision: 1,
        total: level(8),
        warehouses: [
          { warehouse: 'north', ...level(5) },
          { warehouse: 'south', ...level(3) },
        ],
      },
    })
  })

  it('receives once for a key, whichever admin repeats it, and answers as the first time', async () => {
    const key = { idempotencyKey: 'delivery 5' }
    const first = await admin.receive('hammock', 5, key)
    await admin.receive('hammock', 1)
    expect({ ...(await keeper(api).receive('hammock', 5, key)), consistencyToken: '' }).toEqual({
      ...first,
      consistencyToken: '',
    })
    expect(await admin.receive('hammock', 6, key)).toMatchObject({ __typename: 'IdempotencyConflict' })
  })

  it('still knows what it accepted when the product is not sold any more, and accepts no more of it', async () => {
    const key = { idempotencyKey: 'the last delivery' }
    const first = await admin.receive('gaiters', 5, key)
    shelf.delete('gaiters')
    expect(await admin.receive('gaiters', 5, key)).toMatchObject({ revision: first['revision'] })
    expect(await admin.receive('gaiters', 5)).toMatchObject({ __typename: 'UnknownProduct' })
    expect(await admin.correct('gaiters', 0)).toMatchObject({ total: pieces(0) })
  })

  it('takes as many pieces and warehouses as a product may have', async () => {
    expect(await admin.receive('rain-gauge', MAX_ON_HAND)).toMatchObject({ total: pieces(MAX_ON_HAND) })
    expect(await admin.receive('rain-gauge', 1)).toMatchObject({ __typename: 'QuantityOutOfRange' })
    for (let n = 1; n <= MAX_WAREHOUSES; n++)
      await admin.receive('marbles-bag-of-40', 1, { warehouse: `w-${n}` })
    expect(await admin.receive('marbles-bag-of-40', 1, { warehouse: 'w-0' })).toMatchObject({
      __typename: 'TooManyWarehouses',
    })
  })
})

describe('correcting stock', () => {
  it('sets what was counted', async () => {
    await admin.receive('kaleidoscope', 5)
    const answer = await admin.correct('kaleidoscope', 3)
    expect(answer).toMatchObject({ __typename: 'StockReceipt', total: pieces(3) })
    expect((await stockOf('kaleidoscope', tokenIn(answer))).data).toMatchObject({
      stock: { total: { onHand: 3, received: 5, corrected: -2 } },
    })
  })

  it('is refused below what orders have reserved', async () => {
    await admin.receive('bead-maze', 5)
    const writing = { client: api.client, now: () => new Date(), newId: randomUUID }
    const { reserveLine } = stockReservations({ client: api.client, stocks: writerOf(stock, writing) })
    const line = {
      sku: Sku.parse('bead-maze'),
      orderId: orderId(1),
      placedAt: noon.toISOString(),
      quantity: 4,
    }
    await reserveLine(line, begin('request', 'orders'))
    expect(await admin.correct('bead-maze', 3)).toMatchObject({
      __typename: 'BelowReserved',
      message: '4 of them are reserved for orders; cancel some of those first.',
    })
  })
})

describe('a stock', () => {
  it('shows customers what is available, and the books to admins only', async () => {
    const token = tokenIn(await admin.receive('yo-yo-maple', 9))
    await api.caughtUp(token)
    const { data, errors } = await api.ask(
      person(),
      query,
      { sku: 'yo-yo-maple' },
      { 'x-consistency-token': token },
    )
    expect(data).toEqual({
      stock: { sku: 'yo-yo-maple', available: 9, revision: 0, total: null, warehouses: null },
    })
    expect(errors?.map(({ extensions }) => extensions.code)).toEqual(['FORBIDDEN', 'FORBIDDEN'])
  })

  it.each(['dry-bag-20l', 'no-such-thing', 'NO SKU'])(
    'is null for “%s”, of which there was never any',
    async (sku) =>
      expect(await api.ask(admin.user, query, { sku })).toEqual({ status: 200, data: { stock: null } }),
  )
})
