import type { Collection, MongoClient } from 'mongodb'
import type { Order } from './documents.ts'
import { percentiles } from './process.ts'
import { row } from './table.ts'

/** How long an index build, a renaming and a drop take, and for how long they keep somebody else waiting at most. */
export async function measureDefinitions(
  client: MongoClient,
  orders: Collection<Order>,
  someId: () => string,
): Promise<void> {
  row('what others notice', 'seconds', 'findOne p50', 'p99', 'longest, ms')
  const measured = (name: string, work: () => Promise<unknown>) => besides(name, work, orders, someId)
  await measured('build of an index', () => orders.createIndex({ status: 1, placedAt: -1 }))
  await measured('drop of an index', () => orders.dropIndex('status_1_placedAt_-1'))
  const copy = client.db('bench').collection('copy')
  await copy.insertOne({})
  await measured('renaming over another collection', () => copy.rename('copied', { dropTarget: true }))
  await measured('validate', () => client.db('bench').command({ validate: 'orders' }))
}

async function besides(
  name: string,
  work: () => Promise<unknown>,
  orders: Collection<Order>,
  someId: () => string,
): Promise<void> {
  const state = { working: true }
  const waits: number[] = []
  const reading = (async () => {
    while (state.working) {
      const began = performance.now()
      await orders.findOne({ _id: someId() })
      waits.push(performance.now() - began)
    }
  })()
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1_000
  state.working = false
  await reading
  const figures = percentiles(waits, 0.5, 0.99, 1).map((wait) => wait.toFixed(2))
  row(name, seconds.toFixed(2), ...figures)
}
