import type { Document } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { testServer } from './server.ts'

const server = testServer()
const orders = [
  { _id: 1, user: 'ada', total: 10 },
  { _id: 2, user: 'bob', total: 20 },
  { _id: 3, user: 'ada', total: 30 },
  { _id: 4, user: null, total: 40 },
  { _id: 5, total: 50 },
]
const users = [
  { _id: 'ada', name: 'Ada', friends: ['bob'] },
  { _id: 'bob', name: 'Bob', friends: ['cy'] },
  { _id: 'cy', name: 'Cy', friends: [] },
]

beforeAll(async () => {
  await server().db.collection<Document & { _id: number }>('orders').insertMany(orders)
  await server().db.collection<Document & { _id: string }>('users').insertMany(users)
})

const run = (...stages: Document[]): Promise<Document[]> =>
  server().db.collection('orders').aggregate(stages).toArray()
const ids = (documents: readonly Document[]): unknown[] => documents.map(({ _id }): unknown => _id)

describe('other collections', () => {
  test('are joined by equal fields: null is missing, an array any of its elements', async () => {
    const joined = await server()
      .db.collection('users')
      .aggregate([
        { $lookup: { from: 'orders', localField: '_id', foreignField: 'user', as: 'orders' } },
        { $project: { orders: '$orders._id' } },
        { $sort: { _id: 1 } },
      ])
      .toArray()
    expect(joined).toEqual([
      { _id: 'ada', orders: [1, 3] },
      { _id: 'bob', orders: [2] },
      { _id: 'cy', orders: [] },
    ])
    const [none] = await run(
      { $match: { _id: 5 } },
      { $lookup: { from: 'orders', localField: 'user', foreignField: 'user', as: 'same' } },
    )
    expect(none).toMatchObject({ same: [{ _id: 4 }, { _id: 5 }] })
    const friends = { $lookup: { from: 'users', localField: 'friends', foreignField: '_id', as: 'friends' } }
    const [ada] = await server()
      .db.collection('users')
      .aggregate([{ $match: { name: 'Ada' } }, friends])
      .toArray()
    expect(ada).toMatchObject({ friends: [{ name: 'Bob' }] })
  })

  test('are joined by a pipeline with variables', async () => {
    const pipeline = [
      { $match: { $expr: { $and: [{ $eq: ['$user', '$$who'] }, { $gt: ['$total', '$$least'] }] } } },
      { $project: { _id: 1 } },
    ]
    const stages = [
      { $match: { _id: 'ada' } },
      { $lookup: { from: 'orders', let: { who: '$_id', least: 15 }, pipeline, as: 'large' } },
    ]
    expect(await server().db.collection('users').aggregate(stages).toArray()).toMatchObject([
      { large: [{ _id: 3 }] },
    ])
  })

  test('follow one another', async () => {
    expect(
      ids(
        await run(
          { $match: { _id: 1 } },
          { $unionWith: { coll: 'users', pipeline: [{ $match: { name: 'Cy' } }] } },
        ),
      ),
    ).toEqual([1, 'cy'])
    expect(await run({ $match: { _id: 0 } }, { $unionWith: 'users' })).toHaveLength(3)
  })

  test('are followed from document to document', async () => {
    const circle = {
      from: 'users',
      startWith: '$user',
      connectFromField: 'friends',
      connectToField: '_id',
      as: 'circle',
    }
    const sorted = [{ $unwind: '$circle' }, { $replaceWith: '$circle' }, { $sort: { _id: 1 } }]
    const found = await run({ $match: { _id: 1 } }, { $graphLookup: circle }, ...sorted)
    expect(ids(found)).toEqual(['ada', 'bob', 'cy'])
  })

  test('are not there, and so empty', async () => {
    const nowhere = server().db.collection('nowhere')
    expect(await nowhere.aggregate([{ $group: { _id: null } }]).toArray()).toEqual([])
    expect(
      await run(
        { $match: { _id: 1 } },
        { $lookup: { from: 'nowhere', localField: 'user', foreignField: 'a', as: 'b' } },
      ),
    ).toMatchObject([{ b: [] }])
  })
})
