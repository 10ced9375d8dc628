import { expect, test } from 'vitest'
import { testServer } from './server.ts'

interface Row {
  _id: number
  n: number
}

const server = testServer()
let made = 0
const fresh = () => server().db.collection<Row>(`natural-${++made}`)

test('without a sort documents come as they were inserted, whatever their ids are', async () => {
  const rows = fresh()
  for (const _id of [5, 1, 9, 3]) await rows.insertOne({ _id, n: _id })
  await rows.insertMany([8, 2].map((_id) => ({ _id, n: _id })))
  const ids = async (order?: 1 | -1) => {
    const found = rows.find().batchSize(2)
    return (await (order ? found.sort({ $natural: order }) : found).toArray()).map(({ _id }) => _id)
  }
  expect(await ids()).toEqual([5, 1, 9, 3, 8, 2])
  expect(await ids(1)).toEqual([5, 1, 9, 3, 8, 2])
  expect(await ids(-1)).toEqual([2, 8, 3, 9, 1, 5])
})

test('a document keeps its place when it is replaced or grows, and loses it when it is deleted', async () => {
  const rows = fresh()
  await rows.insertMany([3, 1, 2].map((_id) => ({ _id, n: 0 })))
  await rows.replaceOne({ _id: 3 }, { n: 1 })
  await rows.updateOne({ _id: 1 }, { $set: { n: 7, text: 'x'.repeat(5_000) } })
  expect((await rows.find().toArray()).map(({ _id }) => _id)).toEqual([3, 1, 2])
  await rows.deleteOne({ _id: 3 })
  await rows.insertOne({ _id: 3, n: 0 })
  expect((await rows.find().toArray()).map(({ _id }) => _id)).toEqual([1, 2, 3])
})

test('documents of equal fields come from an index in the order of their insertion', async () => {
  const rows = fresh()
  await rows.createIndex({ n: 1 })
  await rows.insertMany([4, 2, 3, 1].map((_id) => ({ _id, n: 7 })))
  expect((await rows.find({ n: 7 }).toArray()).map(({ _id }) => _id)).toEqual([4, 2, 3, 1])
})
