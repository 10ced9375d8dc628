import { MongoClient } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MongoDBNode } from '../../embedded/mongodb/node.ts'
import { projectUpTo } from '../../projections/upTo.ts'
import { checkPromises, wholeLog } from '../../tests/promises.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { fill } from './fill.ts'
import type { Filled } from './fill.ts'

const { client } = await startEventStore()
const ORDERS = 1_200

describe('a filled log', { timeout: 60_000 }, () => {
  let filled: Filled
  let log: Awaited<ReturnType<typeof wholeLog>>
  beforeAll(async () => {
    filled = await fill({
      client,
      until: { orders: ORDERS },
      seed: 1,
      now: () => new Date(),
      newId: randomUUID,
    })
    log = await wholeLog(client)
  }, 60_000)
  const typesOf = (id: string) =>
    log.flatMap(({ type, data }) => ('orderId' in data && data.orderId === id ? [type] : []))

  it('has as many orders and events as were asked for, and says so', () => {
    const placed = log.filter(({ type }) => type === 'OrderPlaced')
    expect(placed).toHaveLength(ORDERS)
    expect(filled).toMatchObject({ orders: ORDERS, events: log.length, position: log.at(-1)?.position })
    expect(log.filter(({ type }) => type === 'OrderFailed')).toHaveLength(filled.failed)
  })

  it('takes every order the way that the services take it, step after step', () => {
    for (const { type, data } of log) {
      if (type !== 'OrderPlaced') continue
      const way = typesOf(data.orderId)
      expect([
        'OrderPlaced FundsDebited PaymentSucceeded OrderPaid',
        'OrderPlaced DebitRefused PaymentFailed OrderFailed',
      ]).toContain(way.join(' '))
    }
  })

  it('says of every event what caused it, within one story for each order', () => {
    const byId = new Map(log.map((event) => [event.id, event]))
    for (const { type, metadata } of log) {
      const cause = byId.get(metadata.$causationId)
      const byPerson = ['WalletOpened', 'FundsDeposited', 'OrderPlaced'].includes(type)
      expect(cause === undefined).toBe(byPerson)
      if (cause) expect(cause.metadata.$correlationId).toBe(metadata.$correlationId)
    }
  })

  it('has customers with very many orders and with few, and orders that failed for every reason', () => {
    const placed = log.flatMap(({ type, data }) => (type === 'OrderPlaced' ? [data.customerId] : []))
    const { regulars, occasional } = filled
    for (const { id, orders } of [...regulars, ...occasional])
      expect(placed.filter((customer) => customer === id)).toHaveLength(orders)
    expect(Math.min(...regulars.map(({ orders }) => orders))).toBeGreaterThan(ORDERS / 100)
    expect(occasional.reduce((sum, { orders }) => sum + orders, 0) / occasional.length).toBeLessThan(20)
    const reasons = log.flatMap(({ type, data }) => (type === 'OrderFailed' ? [data.failure.reason] : []))
    expect(new Set(reasons)).toEqual(new Set(['INSUFFICIENT_FUNDS', 'CURRENCY_MISMATCH', 'NO_WALLET']))
  })

  describe('and its read models', () => {
    let node: MongoDBNode
    let mongo: MongoClient
    beforeAll(async () => {
      node = await MongoDBNode.start()
      mongo = await new MongoClient(node.connectionString).connect()
    })
    afterAll(async () => {
      await mongo.close()
      await node.stop()
    })

    it('keep the promises of the product', async () => {
      const db = mongo.db('filled')
      const now = () => new Date()
      await projectUpTo({ client, db, position: filled.position, now, newId: randomUUID })
      await checkPromises(client, db)
    })
  })
})

it(
  'a log is filled up to a number of events, beside what is there already, and ends with finished orders',
  { timeout: 60_000 },
  async () => {
    const before = await wholeLog(client)
    const filled = await fill({
      client,
      until: { events: 2_000 },
      seed: 2,
      now: () => new Date(),
      newId: randomUUID,
    })
    const added = (await wholeLog(client)).slice(before.length)
    expect(added).toHaveLength(filled.events)
    expect(filled.events).toBeGreaterThanOrEqual(2_000)
    expect(filled.events).toBeLessThan(2_010)
    const orderIds = (...types: readonly string[]) =>
      added.flatMap(({ type, data }) => (types.includes(type) && 'orderId' in data ? [data.orderId] : []))
    expect(orderIds('OrderPaid', 'OrderFailed').toSorted()).toEqual(orderIds('OrderPlaced').toSorted())
  },
)
