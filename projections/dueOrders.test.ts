import { MongoClient } from 'mongodb'
import type { Db } from 'mongodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { explaining } from '../bench/explain.ts'
import { ann, eur, minutesAfterNoon, noon, orderId } from '../domain/controls.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import type { OrderDocument } from './documents.ts'
import { dueOrders } from './dueOrders.ts'
import { orders } from './orders.ts'

const ORDERS = 2_000
/** Every tenth order is due some time: the sooner, the later it was placed. */
const IN_HAND = ORDERS / 10

const document = (n: number): OrderDocument => {
  const payBy = minutesAfterNoon(ORDERS - n).toISOString()
  const inHand = n % 10 === 0
  const status = n % 20 === 0 ? 'AWAITING_PAYMENT' : 'CANCELLED'
  return {
    _id: orderId(n),
    customerId: ann,
    status: inHand ? status : 'PAID',
    price: eur(100),
    description: 'a book',
    lines: [],
    paymentMethod: 'WALLET',
    placedAt: noon.toISOString(),
    payBy,
    revision: 0,
    history: [],
    placedPosition: n,
    seen: { order: 0 },
    position: n,
    ...(inHand ? { dueAt: payBy } : {}),
  }
}

let node: MongoDBNode
let mongo: MongoClient
let db: Db
beforeAll(async () => {
  node = await MongoDBNode.start()
  mongo = await new MongoClient(node.connectionString).connect()
  db = mongo.db('due')
  await db.collection(orders.name).createIndexes([...orders.indexes])
  await db
    .collection<OrderDocument>(orders.name)
    .insertMany(Array.from({ length: ORDERS }, (_, n) => document(n)))
})
afterAll(async () => {
  await mongo.close()
  await node.stop()
})

describe('the orders that are due', () => {
  const idsAt = async (minutes: number, limit = ORDERS) =>
    (await dueOrders(db, minutesAfterNoon(minutes), limit)).map((due) => due.orderId)

  it('come in the order of their times, the moment itself included', async () => {
    expect(await idsAt(9)).toEqual([])
    expect(await idsAt(10)).toEqual([orderId(1_990)])
    expect(await idsAt(30)).toEqual([1_990, 1_980, 1_970].map(orderId))
    expect(await idsAt(ORDERS)).toHaveLength(IN_HAND)
  })

  it('are those of the longest standing, if there are more than somebody wants', async () =>
    expect(await idsAt(ORDERS, 2)).toEqual([1_990, 1_980].map(orderId)))

  it('say by when they may be paid, if they still may', async () =>
    expect(await dueOrders(db, minutesAfterNoon(20), 10)).toEqual([
      { orderId: orderId(1_990), isOpen: false, payBy: minutesAfterNoon(10) },
      { orderId: orderId(1_980), isOpen: true, payBy: minutesAfterNoon(20) },
    ]))

  it.each([
    ['none', 9, 500, 0],
    ['few', 50, 500, 5],
    ['as many as are wanted', ORDERS, 20, 20],
  ])('are found without a look at any other: %s', async (_, minutes, limit, due) => {
    const explain = await explaining(node.connectionString, db.databaseName)
    const examined = await explain.of((_models, db) => dueOrders(db, minutesAfterNoon(minutes), limit))
    expect(examined).toEqual({ documents: due, keys: due })
    await explain.close()
  })
})
