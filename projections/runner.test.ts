import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client'
import { MongoClient } from 'mongodb'
import type { Db } from 'mongodb'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OrderId, UserId } from '../domain/ids.ts'
import { eur, noon } from '../domain/controls.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { newOrder } from '../orders/controls.ts'
import { giveUp, order, pay, place } from '../orders/order.ts'
import { toPay } from '../payments/controls.ts'
import { debit, deposit, open, wallet } from '../payments/wallet.ts'
import { foldersOn, projections } from './all.ts'
import { readModels } from './readModels.ts'
import { runProjections } from './runner.ts'

let nodes: { events: EventStoreDBNode; documents: MongoDBNode }
let client: EventStoreDBClient
let mongo: MongoClient
let db: Db
beforeAll(async () => {
  nodes = { events: await EventStoreDBNode.start(), documents: await MongoDBNode.start() }
  client = EventStoreDBClient.connectionString(nodes.events.connectionString)
  mongo = await new MongoClient(nodes.documents.connectionString).connect()
})
afterAll(async () => {
  await mongo.close()
  await client.dispose()
  await nodes.events.stop()
  await nodes.documents.stop()
})
beforeEach(() => {
  db = mongo.db(`test-${randomUUID()}`)
})

const cause = begin('request', 'somebody')
const now = () => noon
const orders = () => writerOf(order, { client, now, newId: randomUUID })
const wallets = () => writerOf(wallet, { client, now, newId: randomUUID })

const person = () => UserId.parse(randomUUID())
const placing = (customerId: UserId) => ({ ...newOrder(), orderId: OrderId.parse(randomUUID()), customerId })

const openAndFill = async (ownerId: UserId, amount: number) => {
  const request = { idempotencyKey: 'key', fingerprint: 'print' }
  await wallets().transact(ownerId, open({ ownerId, currency: 'EUR', ...request }), { cause })
  const filled = await wallets().transact(ownerId, deposit({ ownerId, money: eur(amount), ...request }), {
    cause,
  })
  return filled.position
}

/** Runs the projections until they have reached a position. */
const project = async (position: bigint, onto: Db = db) => {
  const done = new AbortController()
  const stopped: string[] = []
  const ended = runProjections({
    client,
    db: onto,
    folders: foldersOn(onto),
    signal: done.signal,
    observer: {
      wrote: (_, reached) => {
        if (reached >= position) done.abort()
      },
      retried: (fault) => {
        throw fault
      },
      stopped: (projection) => stopped.push(projection),
    },
  })
  await ended
  return stopped
}

const everything = async (from: Db) => {
  const documents: Record<string, unknown> = {}
  for (const { name } of Object.values(projections))
    documents[name] = await from.collection(name).find().sort({ _id: 1 }).toArray()
  return documents
}

describe('the read models', () => {
  it('show wallets, ledger, orders and payments', async () => {
    const ann = person()
    await openAndFill(ann, 500)
    const placed = placing(ann)
    await orders().transact(placed.orderId, place(placed), { cause })
    await wallets().transact(ann, debit({ ...toPay(1), ...placed }, noon), { cause })
    const { position } = await orders().transact(placed.orderId, pay(), { cause })
    await project(position)

    const models = readModels({ db })
    expect(await models.wallet(ann)).toMatchObject({ balance: eur(400), revision: 2 })
    expect(await models.order(placed.orderId)).toMatchObject({ status: 'PAID', revision: 1, customerId: ann })
    expect(await models.payment(placed.orderId)).toMatchObject({ status: 'PENDING' })
    const ledger = await models.ledger(ann, { first: 10, after: undefined })
    expect(ledger.documents.map(({ kind, balance }) => [kind, balance])).toEqual([
      ['DEBIT', 400],
      ['DEPOSIT', 500],
    ])
  })

  it('list newest first, page by page, whatever is added meanwhile', async () => {
    const ann = person()
    const ids: string[] = []
    let position = 0n
    const add = async () => {
      const placed = placing(ann)
      ids.unshift(placed.orderId)
      ;({ position } = await orders().transact(placed.orderId, place(placed), { cause }))
    }
    for (let n = 0; n < 5; n++) await add()
    await project(position)
    const models = readModels({ db })
    const first = await models.orders(ann, undefined, { first: 2, after: undefined })
    await add()
    await project(position)
    const second = await models.orders(ann, undefined, { first: 2, after: first.next })
    const third = await models.orders(ann, undefined, { first: 2, after: second.next })
    const listed = [first, second, third].flatMap(({ documents }) => documents.map(({ _id }) => _id))
    expect(listed).toEqual(ids.slice(1))
    expect(third.next).toBeUndefined()
  })

  it('list by status', async () => {
    const ann = person()
    const [waiting, failed] = [placing(ann), placing(ann)]
    await orders().transact(waiting.orderId, place(waiting), { cause })
    await orders().transact(failed.orderId, place(failed), { cause })
    const { position } = await orders().transact(failed.orderId, giveUp({ reason: 'NO_WALLET' }), { cause })
    await project(position)
    const page = await readModels({ db }).orders(ann, 'FAILED', { first: 10, after: undefined })
    expect(page.documents.map(({ _id }) => _id)).toEqual([failed.orderId])
  })

  it('are the same when everything is folded again', async () => {
    const position = await openAndFill(person(), 70)
    await project(position)
    const before = await everything(db)
    await db.collection('checkpoints').deleteMany({})
    await project(position)
    expect(await everything(db)).toEqual(before)

    const rebuilt = mongo.db(`test-${randomUUID()}`)
    await project(position, rebuilt)
    expect(await everything(rebuilt)).toEqual(before)
  })

  it('can be waited for', async () => {
    const position = await openAndFill(person(), 10)
    const reached = readModels({ db }).reached(position, 10_000, 'orders', 'wallets', 'ledger', 'payments')
    await project(position)
    await reached
  })

  it('are not waited for longer than asked', async () => {
    const asked = readModels({ db }).reached(2n ** 60n, 20, 'orders')
    await expect(asked).rejects.toMatchObject({ name: 'Unavailable' })
  })

  // The last one, for it spoils the log.
  it('go on when one of them meets an event that it cannot fold', async () => {
    await client.appendToStream(
      `order-${randomUUID()}`,
      jsonEvent({ type: 'OrderPaid', data: { broken: true } }),
    )
    const ann = person()
    const position = await openAndFill(ann, 90)
    expect(await project(position)).toEqual(['orders'])
    const models = readModels({ db })
    await models.reached(position, 5_000, 'wallets')
    expect(await models.wallet(ann)).toMatchObject({ balance: eur(90) })
    await expect(models.reached(position, 20, 'orders')).rejects.toMatchObject({ name: 'Unavailable' })
  })
})
