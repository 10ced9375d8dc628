import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ann, bob, eur, noon, orderId } from '../domain/controls.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { projections } from './all.ts'
import type { LedgerDocument, OrderDocument } from './documents.ts'
import { readModels as readModelsIn } from './readModels.ts'
import type { OrderFilter, ReadModels } from './readModels.ts'

/** Six seconds for each. */
const momentOf = (n: number) => new Date(noon.getTime() + n * 6_000)

/** Orders whose times are up to 54 seconds out of the order of the log. */
const ORDERS = 200
const orders = Array.from({ length: ORDERS }, (_, n): OrderDocument => {
  const placedAt = momentOf(n + ((n * 7) % 10)).toISOString()
  const status = n % 3 === 0 ? 'FAILED' : 'PAID'
  return {
    _id: orderId(n),
    customerId: n % 4 === 0 ? ann : bob,
    status,
    price: eur(100),
    description: 'a book',
    paymentMethod: 'WALLET',
    placedAt,
    payBy: placedAt,
    revision: 0,
    history: [],
    placedPosition: 1_000 + 37 * n,
    seen: { order: 0 },
    position: 1_000 + 37 * n,
  }
})

const ENTRIES = 1_203
const entries = Array.from({ length: ENTRIES }, (_, n): LedgerDocument => ({
  _id: `${ann}:${n + 1}`,
  ownerId: ann,
  revision: n + 1,
  kind: 'DEPOSIT',
  amount: 1,
  balance: n + 1,
  at: momentOf(n).toISOString(),
  seen: { wallet: n + 1 },
  position: 10 * n,
}))

let stop: () => Promise<unknown>
let models: ReadModels
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lists-'))
  const node = await MongoDBNode.start({ db: folder })
  const mongo = new MongoClient(node.connectionString)
  const db = mongo.db('lists')
  for (const { name, indexes } of Object.values(projections))
    if (indexes.length > 0) await db.collection(name).createIndexes([...indexes])
  await db.collection<OrderDocument>('orders').insertMany(orders)
  await db.collection<LedgerDocument>('ledger').insertMany(entries)
  models = readModelsIn({ db })
  stop = async () => {
    await mongo.close()
    await node.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

const moment = (n: number) => momentOf(n).toISOString()
const meets =
  ({ status, customerId, from, to }: OrderFilter) =>
  (order: OrderDocument) =>
    (status === undefined || order.status === status) &&
    (customerId === undefined || order.customerId === customerId) &&
    (from === undefined || order.placedAt >= from) &&
    (to === undefined || order.placedAt < to)

const throughPages = async (filter: OrderFilter, first: number) => {
  const ids: string[] = []
  let after: number | undefined
  do {
    const { documents, next } = await models.allOrders(filter, { first, after })
    ids.push(...documents.map(({ _id }) => _id))
    after = next
  } while (after !== undefined)
  return ids
}

describe('everybody’s orders', () => {
  it.each<[string, OrderFilter]>([
    ['all', {}],
    ['of a status', { status: 'FAILED' }],
    ['of a customer', { customerId: ann }],
    ['of a customer and a status', { customerId: ann, status: 'PAID' }],
    ['since a moment', { from: moment(150) }],
    ['before a moment', { to: moment(50) }],
    ['of a period', { from: moment(60), to: moment(90) }],
    [
      'of a period, a customer and a status',
      { from: moment(60), to: moment(120), customerId: bob, status: 'FAILED' },
    ],
    ['of a single moment', { from: moment(77), to: new Date(momentOf(77).getTime() + 1).toISOString() }],
    ['of a time before any', { to: moment(-1) }],
    ['of a time after all', { from: moment(1_000) }],
    ['of somebody who has none', { customerId: ann, from: moment(0), to: moment(0) }],
  ])('%s: exactly those, newest first, whatever the pages', async (_, filter) => {
    const expected = orders.filter(meets(filter)).map(({ _id }) => _id)
    expect(await throughPages(filter, 7)).toEqual(expected.toReversed())
    expect(await throughPages(filter, 100)).toEqual(expected.toReversed())
  })
})

describe('a whole ledger', () => {
  const read = async (period: { from?: string; to?: string }) => {
    const revisions: number[] = []
    for await (const page of models.wholeLedger(ann, period))
      revisions.push(...page.map(({ revision }) => revision))
    return revisions
  }
  const all = entries.map(({ revision }) => revision)

  it('is read oldest first, over many pages', async () => expect(await read({})).toEqual(all))
  it('or the part of a period', async () => {
    expect(await read({ from: moment(100), to: moment(1_100) })).toEqual(all.slice(100, 1_100))
    expect(await read({ from: moment(1_200) })).toEqual(all.slice(1_200))
    expect(await read({ to: moment(3) })).toEqual(all.slice(0, 3))
    expect(await read({ from: moment(5_000) })).toEqual([])
  })
  it('is nothing for somebody who has none', async () => {
    for await (const page of models.wholeLedger(bob, {})) expect(page).toEqual([])
  })
})
