import { MongoClient } from 'mongodb'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { projections } from './all.ts'
import { foldable } from './folder.ts'

let node: MongoDBNode
beforeAll(async () => {
  node = await MongoDBNode.start()
})
afterAll(() => node.stop())

it('the indexes of a large read model may take longer than the socket of any other answer', async () => {
  const client = new MongoClient(node.connectionString, { socketTimeoutMS: 60 })
  const patient = new MongoClient(node.connectionString)
  const orders = patient
    .db('large')
    .collection<{ _id: string; customerId: string; placedPosition: number }>('orders')
  for (let n = 0; n < 20_000; n += 1_000)
    await orders.insertMany(
      Array.from({ length: 1_000 }, (_, k) => ({
        _id: `order ${n + k}`,
        customerId: `customer ${(n + k * 7) % 500}`,
        placedPosition: n + k,
      })),
    )
  const folder = foldable(projections.orders).folderInto({
    db: client.db('large'),
    collection: 'orders',
    isSkipped: () => false,
  })
  await folder.index(new AbortController().signal)
  expect(await orders.indexes()).toHaveLength(1 + projections.orders.indexes.length)
  await client.close()
  await patient.close()
})
