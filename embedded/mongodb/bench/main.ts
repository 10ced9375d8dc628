/**
 * What the node costs on its hot paths: `node embedded/mongodb/bench/main.ts [seconds per line]`. The node runs in a
 * process of its own, so that its CPU (read from /proc, so on Linux) is not the driver's.
 */
import { readFileSync, rmSync } from 'node:fs'
import { MongoClient, type AnyClientBulkWriteModel, type Document } from 'mongodb'
import { temporaryDirectory } from '../behaviour/server.ts'
import { ChildNode } from '../durability/child-node.ts'

interface Order {
  _id: string
  customerId: string
  placedAt: Date
  [field: string]: unknown
}

const seconds = Number(process.argv[2] ?? 3)
const customers = 500
const firstMoment = 1_700_000_000_000
const microsecondsPerTick = 10_000

function order(i: number): Order {
  return {
    _id: `order-${((i * 7_919) % 200_000).toString(16)}-abcdef`,
    customerId: `user-${i % customers}`,
    placedAt: new Date(firstMoment + i * 1_000),
    status: 'PAID',
    total: { amount: 1_000 + i, currency: 'EUR' },
    items: [{ sku: 'a', n: 1, price: 500 }],
    description: 'x'.repeat(200),
    revision: i,
    history: [{ type: 'OrderPlaced', at: new Date(0) }],
  }
}

/** CPU of a process so far, user and system, in microseconds. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick
}

const directory = temporaryDirectory()
const node = await ChildNode.start(directory)
const client = await MongoClient.connect(node.url, { maxPoolSize: 16 })
const orders = client.db('bench').collection<Order>('orders')
await orders.createIndex({ customerId: 1, placedAt: -1 })
let next = 0

async function loop(until: number, work: () => Promise<unknown>): Promise<number> {
  let done = 0
  while (performance.now() < until) {
    await work()
    done++
  }
  return done
}

async function measure(
  name: string,
  connections: number,
  perCommand: number,
  work: () => Promise<unknown>,
): Promise<void> {
  const all = async (duration: number): Promise<number> => {
    const until = performance.now() + duration
    const counts = await Promise.all(Array.from({ length: connections }, () => loop(until, work)))
    return counts.reduce((sum, count) => sum + count, 0)
  }
  await all(1_000)
  const [cpu, start] = [cpuOf(node.pid), performance.now()]
  const commands = await all(seconds * 1_000)
  const elapsed = performance.now() - start
  const used = cpuOf(node.pid) - cpu
  const perSecond = ((commands / elapsed) * 1_000).toFixed(0)
  const perOperation = (used / commands / perCommand).toFixed(1)
  console.log(
    `${name.padEnd(44)} ${perSecond.padStart(6)} commands/s ${perOperation.padStart(7)} µs CPU of the node per operation`,
  )
}

const bulk = (size: number, model: (order: Order) => AnyClientBulkWriteModel<Document>) => () =>
  client.bulkWrite(
    Array.from({ length: size }, () => model(order(next++))),
    { ordered: false },
  )
const replace = ({ _id, ...replacement }: Order): AnyClientBulkWriteModel<Document> => {
  const filter: Document = { _id }
  return { namespace: orders.namespace, name: 'replaceOne', filter, replacement, upsert: true }
}
const set = ({ _id, ...fields }: Order): AnyClientBulkWriteModel<Document> => {
  const filter: Document = { _id }
  return { namespace: orders.namespace, name: 'updateOne', filter, update: { $set: fields }, upsert: true }
}
const someId = (): string => order(Math.floor(Math.random() * next))._id
const page = (): Promise<Order[]> => {
  const customerId = `user-${Math.floor(Math.random() * customers)}`
  const placedAt = { $lt: new Date(firstMoment + next * 1_000) }
  return orders.find({ customerId, placedAt }).sort({ placedAt: -1, _id: -1 }).limit(20).toArray()
}

await measure('bulkWrite of 10 replaceOne, 1 connection', 1, 10, bulk(10, replace))
await measure('bulkWrite of 100 replaceOne, 1 connection', 1, 100, bulk(100, replace))
await measure('bulkWrite of 100 updateOne, 1 connection', 1, 100, bulk(100, set))
await measure('bulkWrite of 20 replaceOne, 8 connections', 8, 20, bulk(20, replace))
await measure('findOne by _id, 8 connections', 8, 1, () => orders.findOne({ _id: someId() }))
await measure('page of 20 by index and order, 8 connections', 8, 1, page)
await measure('updateOne by _id, 8 connections', 8, 1, () =>
  orders.updateOne({ _id: someId() }, { $set: { n: Math.random() } }),
)
console.log(`${await orders.estimatedDocumentCount()} documents`)

await client.close()
await node.end('SIGTERM')
rmSync(directory, { recursive: true })
