import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import type { Db, MongoClient } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { eur, noon } from '../domain/controls.ts'
import { OrderId, UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { newOrder } from '../orders/controls.ts'
import { order, place } from '../orders/order.ts'
import { deposit, open, wallet } from '../payments/wallet.ts'
import { mongoClient } from '../service/clients.ts'
import { foldables } from './all.ts'
import type { Foldable } from './folder.ts'
import { runProjections } from './runner.ts'

export const person = () => UserId.parse(randomUUID())
export const cause = begin('request', 'somebody')
export const now = () => noon
const request = { idempotencyKey: 'key', fingerprint: 'print' }

/** A new order of somebody, under an id of its own. */
export const placing = (customerId: UserId) => ({
  ...newOrder(),
  orderId: OrderId.parse(randomUUID()),
  customerId,
})

/** A set of read models being kept up to date by a process. */
export interface Running {
  readonly stopped: readonly string[]
  readonly resumed: readonly string[]
  readonly faults: readonly unknown[]
  /** Whether it folds, or stands by. */
  readonly leads: () => boolean
  readonly stop: () => Promise<void>
}

/** Both servers, started for a file of tests. */
export interface Servers {
  /** Connection strings. */
  readonly events: string
  readonly documents: string
  readonly stop: () => Promise<void>
}

/** The read side on servers of a file of tests: a database for each test, and the ways to fill the log. */
export const readSide = (start: () => Promise<Servers>) => {
  let servers: Servers
  let mongo: MongoClient
  let client: EventStoreDBClient
  let db: Db
  const running = new Set<Running>()

  beforeAll(async () => {
    servers = await start()
    mongo = await mongoClient(servers.documents, 'test').connect()
    client = EventStoreDBClient.connectionString(servers.events)
  })
  afterAll(async () => {
    await client.dispose()
    await mongo.close()
    await servers.stop()
  })
  beforeEach(() => {
    db = mongo.db(`test-${randomUUID()}`)
    return async () => {
      for (const one of running) await one.stop()
    }
  })

  return {
    client: () => client,
    db: () => db,
    anotherDb: () => mongo.db(`test-${randomUUID()}`),
    orders: () => writerOf(order, { client, now, newId: randomUUID }),
    wallets: () => writerOf(wallet, { client, now, newId: randomUUID }),

    /** Answers the position of the last event. */
    openAndFill: async (ownerId: UserId, amount: number): Promise<bigint> => {
      const writer = writerOf(wallet, { client, now, newId: randomUUID })
      await writer.transact(ownerId, open({ ownerId, currency: 'EUR', ...request }), { cause })
      const filled = await writer.transact(ownerId, deposit({ ownerId, money: eur(amount), ...request }), {
        cause,
      })
      return filled.position
    },

    /** Answers the position of the placing. */
    placeOrder: async (placed = placing(person())): Promise<bigint> => {
      const writer = writerOf(order, { client, now, newId: randomUUID })
      return (await writer.transact(placed.orderId, place(placed), { cause })).position
    },

    /** An event that no read model of orders or payments can make sense of; answers its stream. */
    appendPoison: async (orderId: string = randomUUID()): Promise<string> => {
      const stream = `order-${orderId}`
      await client.appendToStream(stream, jsonEvent({ type: 'OrderPaid', data: { broken: true } }))
      return stream
    },

    run: (projections: readonly Foldable[] = foldables, onto: Db = db): Running => {
      const ending = new AbortController()
      const stopped: string[] = []
      const resumed: string[] = []
      const faults: unknown[] = []
      let leads = false
      const ended = runProjections({
        client,
        db: onto,
        projections,
        now,
        newId: randomUUID,
        signal: ending.signal,
        observer: {
          wrote: () => undefined,
          retried: (fault) => faults.push(fault),
          stopped: (projection) => stopped.push(projection),
          resumed: (projection) => resumed.push(projection),
          leads: (so) => (leads = so),
        },
      })
      const self: Running = {
        stopped,
        resumed,
        faults,
        leads: () => leads,
        stop: async () => {
          ending.abort()
          running.delete(self)
          await ended
        },
      }
      running.add(self)
      return self
    },
  }
}

/** Every document of a collection, by `_id`. */
export const documentsOf = (db: Db, collection: string) =>
  db.collection(collection).find().sort({ _id: 1 }).toArray()
