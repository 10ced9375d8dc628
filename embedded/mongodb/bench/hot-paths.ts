import type { AnyClientBulkWriteModel, Document, MongoClient } from 'mongodb'
import { order, type Order } from './documents.ts'
import { cpuOf } from './process.ts'
import { row } from './table.ts'

interface Path {
  readonly name: string
  readonly connections: number
  readonly perCommand: number
  readonly work: () => Promise<unknown>
}

/** How many commands of a kind the node answers in a second, and what one operation takes of its CPU. */
export async function measureHotPaths(client: MongoClient, pid: number, seconds: number): Promise<void> {
  row('hot paths', 'commands/s', 'µs CPU per operation')
  for (const path of hotPaths(client)) {
    await runAll(path, 500)
    const [cpu, began] = [cpuOf(pid), performance.now()]
    const commands = await runAll(path, seconds * 1_000)
    const elapsed = (performance.now() - began) / 1_000
    const used = (cpuOf(pid) - cpu) / commands / path.perCommand
    row(path.name, Math.round(commands / elapsed), used.toFixed(1))
  }
}

function hotPaths(client: MongoClient): Path[] {
  const orders = client.db('hot').collection<Order>('orders')
  let next = 0
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
  return [
    { name: 'bulkWrite of 10 replaceOne', connections: 1, perCommand: 10, work: bulk(10, replace) },
    { name: 'bulkWrite of 100 replaceOne', connections: 1, perCommand: 100, work: bulk(100, replace) },
    { name: 'bulkWrite of 100 updateOne', connections: 1, perCommand: 100, work: bulk(100, set) },
    {
      name: 'bulkWrite of 20 replaceOne, 8 clients',
      connections: 8,
      perCommand: 20,
      work: bulk(20, replace),
    },
    {
      name: 'findOne by _id, 8 clients',
      connections: 8,
      perCommand: 1,
      work: () => orders.findOne({ _id: someId() }),
    },
    {
      name: 'updateOne by _id, 8 clients',
      connections: 8,
      perCommand: 1,
      work: () => orders.updateOne({ _id: someId() }, { $set: { n: Math.random() } }),
    },
  ]
}

async function runAll({ connections, work }: Path, duration: number): Promise<number> {
  const until = performance.now() + duration
  const counts = await Promise.all(
    Array.from({ length: connections }, async () => {
      let done = 0
      for (; performance.now() < until; done++) await work()
      return done
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
}
