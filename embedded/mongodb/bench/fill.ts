import type { AnyClientBulkWriteModel, Document, MongoClient } from 'mongodb'
import { customerOf, customers, idOf, order } from './documents.ts'
import { cpuOf } from './process.ts'

const ordersPerBatch = 1_000
const othersPerBatch = 250
const parts = 4

type Write = AnyClientBulkWriteModel<Document>

export async function makeIndexes(client: MongoClient): Promise<void> {
  const db = client.db('bench')
  await db.collection('orders').createIndex({ customerId: 1, placedPosition: -1 })
  await db.collection('orders').createIndex({ customerId: 1, status: 1, placedPosition: -1 })
  await db.collection('ledger').createIndex({ ownerId: 1, revision: -1 })
}

/**
 * Writes `until - from` orders and half as many other documents the way a rebuild of read models does: ordered
 * batches over four collections, then their checkpoints. Answers, for each tenth, what an operation took.
 */
export async function fill(
  client: MongoClient,
  pid: number,
  from: number,
  until: number,
): Promise<readonly Pace[]> {
  const step = Math.max(ordersPerBatch, Math.round((until - from) / 10))
  const paces: Pace[] = []
  for (let start = from; start < until; start += step)
    paces.push(await stretch(client, pid, start, Math.min(until, start + step)))
  return paces
}

export interface Pace {
  readonly orders: number
  readonly perSecond: number
  /** Microseconds of the node's CPU for one operation. */
  readonly cpu: number
}

async function stretch(client: MongoClient, pid: number, from: number, until: number): Promise<Pace> {
  const [cpu, began] = [cpuOf(pid), performance.now()]
  let operations = 0
  for (let i = from; i < until; i += ordersPerBatch) {
    const writes = batch(i, Math.min(until, i + ordersPerBatch))
    await client.bulkWrite(writes, { ordered: true })
    await client.bulkWrite(checkpoints(i), { ordered: true })
    operations += writes.length + parts
  }
  const seconds = (performance.now() - began) / 1_000
  return { orders: until, perSecond: operations / seconds, cpu: (cpuOf(pid) - cpu) / operations }
}

function batch(from: number, until: number): Write[] {
  const writes: Write[] = []
  for (let i = from; i < until; i++) writes.push(replace('bench.orders', order(i)))
  const others = Math.round(((until - from) * othersPerBatch) / ordersPerBatch)
  for (let i = from; i < from + others; i++) {
    const position = i * 1_000
    const ownerId = customerOf(i)
    const revision = Math.floor(i / customers)
    const entry = {
      ownerId,
      revision,
      amount: 1_000,
      balance: 5_000 + i,
      kind: 'DEBIT',
      orderId: idOf('order', i),
    }
    writes.push(replace('bench.payments', { _id: idOf('payment', i), status: 'SUCCEEDED', position }))
    if (i % 2 === 0)
      writes.push(replace('bench.ledger', { _id: `${ownerId}:${revision}`, ...entry, position }))
    else
      writes.push(replace('bench.wallets', { _id: ownerId, balance: 5_000 + i, currency: 'EUR', position }))
  }
  return writes
}

function checkpoints(position: number): Write[] {
  return Array.from({ length: parts }, (_, i) => replace('bench.checkpoints', { _id: `part-${i}`, position }))
}

interface Positioned {
  readonly _id: string
  readonly position: number
  readonly [field: string]: unknown
}

function replace(namespace: string, { _id, ...replacement }: Positioned): Write {
  const filter: Document = { _id, position: { $lte: replacement.position } }
  return { namespace, name: 'replaceOne', filter, replacement, upsert: true }
}
