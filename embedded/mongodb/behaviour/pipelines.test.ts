import { Decimal128, Double, Int32, Long, type Document } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { testServer } from './server.ts'

const server = testServer()
const orders = [
  { _id: 1, user: 'ada', total: 10, tags: ['a', 'b'], lines: [{ sku: 'x', n: 2 }], home: { city: 'Rome' } },
  { _id: 2, user: 'bob', total: 20, tags: [], lines: [], home: { city: 'Oslo' } },
  {
    _id: 3,
    user: 'ada',
    total: 30,
    tags: ['b'],
    lines: [
      { sku: 'x', n: 1 },
      { sku: 'y', n: 5 },
    ],
  },
  { _id: 4, user: null, total: 40, tags: 'c' },
  { _id: 5, total: 50 },
]

beforeAll(async () => {
  await server().db.collection<Document & { _id: number }>('orders').insertMany(orders)
})

const run = (...stages: Document[]): Promise<Document[]> =>
  server().db.collection('orders').aggregate(stages).toArray()
const ids = (documents: readonly Document[]): unknown[] => documents.map(({ _id }): unknown => _id)

describe('stages that pick and order', () => {
  test('match, sort, skip and limit in any place', async () => {
    expect(
      ids(await run({ $sort: { total: -1 } }, { $skip: 1 }, { $limit: 3 }, { $match: { user: 'ada' } })),
    ).toEqual([3])
    expect(ids(await run({ $limit: 4 }, { $sort: { total: -1 } }, { $skip: 1 }, { $limit: 1 }))).toEqual([3])
    expect(ids(await run({ $skip: 3 }, { $match: {} }, { $sort: { _id: -1 } }))).toEqual([5, 4])
  })

  test('counting', async () => {
    expect(await run({ $match: { user: 'ada' } }, { $count: 'n' })).toEqual([{ n: 2 }])
    expect(await run({ $match: { user: 'nobody' } }, { $count: 'n' })).toEqual([])
    expect(await run({ $sortByCount: '$user' }, { $match: { _id: 'ada' } })).toEqual([
      { _id: 'ada', count: 2 },
    ])
  })

  test('a sample has no document twice', async () => {
    const found = ids(await run({ $sample: { size: 3 } }))
    expect(new Set(found).size).toBe(3)
    expect(new Set(ids(await run({ $sample: { size: 9 } })))).toEqual(new Set([1, 2, 3, 4, 5]))
  })
})

describe('stages that reshape', () => {
  const first = (stage: Document): Promise<Document[]> => run({ $match: { _id: 1 } }, stage)

  test.each<[string, Document, Document]>([
    [
      'kept fields',
      { $project: { user: 1, 'home.city': 1 } },
      { _id: 1, user: 'ada', home: { city: 'Rome' } },
    ],
    [
      'dropped fields',
      { $project: { lines: 0, tags: 0, 'home.city': 0 } },
      { _id: 1, user: 'ada', total: 10, home: {} },
    ],
    ['a part of each element', { $project: { _id: 0, 'lines.sku': 1 } }, { lines: [{ sku: 'x' }] }],
    ['computed fields', { $project: { double: { $multiply: ['$total', 2] } } }, { _id: 1, double: 20 }],
    [
      'renamed fields',
      { $project: { _id: 0, who: '$user', skus: '$lines.sku' } },
      { who: 'ada', skus: ['x'] },
    ],
    ['a literal', { $project: { _id: 0, text: { $literal: '$user' } } }, { text: '$user' }],
    ['what is not there', { $project: { _id: 0, gone: '$nowhere' } }, {}],
    ['a new root', { $replaceRoot: { newRoot: '$home' } }, { city: 'Rome' }],
    [
      'a new root that is made',
      { $replaceWith: { whole: '$$ROOT.user', n: { $size: '$tags' } } },
      { whole: 'ada', n: 2 },
    ],
  ])('%s', async (_, stage, expected) => {
    expect(await first(stage)).toEqual([expected])
  })

  test('added fields replace those that are there, and others stay in place', async () => {
    const [document = {}] = await first({
      $set: { user: { $toUpper: '$user' }, 'home.zip': 1, fresh: '$total' },
    })
    expect(Object.keys(document)).toEqual(['_id', 'user', 'total', 'tags', 'lines', 'home', 'fresh'])
    expect(document).toMatchObject({ user: 'ADA', home: { city: 'Rome', zip: 1 }, fresh: 10 })
    expect(await first({ $addFields: { 'lines.paid': true } })).toMatchObject([
      { lines: [{ sku: 'x', n: 2, paid: true }] },
    ])
    expect(await first({ $unset: ['lines', 'home.city'] })).toEqual([
      { _id: 1, user: 'ada', total: 10, tags: ['a', 'b'], home: {} },
    ])
  })

  test('values that are only carried keep their types', async () => {
    const exact = server().db.collection<Document & { _id: number }>('exact')
    const values = {
      long: Long.fromNumber(5),
      double: new Double(5),
      int: new Int32(5),
      decimal: Decimal128.fromString('5.00'),
    }
    await exact.insertOne({ _id: 1, ...values, inner: { ...values } })
    const stages = [
      { $set: { copy: '$inner.long', shown: { $concat: ['a', 'b'] } } },
      { $unwind: { path: '$nothing', preserveNullAndEmptyArrays: true } },
      {
        $group: {
          _id: '$long',
          first: { $first: '$$ROOT' },
          total: { $sum: '$inner.long' },
          least: { $min: '$double' },
        },
      },
    ]
    const [found] = await exact.aggregate(stages, { promoteValues: false }).toArray()
    expect(found).toMatchObject({
      _id: values.long,
      first: { ...values, inner: values, copy: values.long, shown: 'ab' },
      total: values.long,
      least: values.double,
    })
  })
})

describe('groups', () => {
  test('gather by any value, missing as null', async () => {
    const found = await run(
      {
        $group: {
          _id: '$user',
          n: { $sum: 1 },
          count: { $count: {} },
          sum: { $sum: '$total' },
          mean: { $avg: '$total' },
          least: { $min: '$total' },
          most: { $max: '$total' },
          first: { $first: '$_id' },
          last: { $last: '$_id' },
          all: { $push: { id: '$_id', city: '$home.city' } },
          tags: { $addToSet: '$tags' },
        },
      },
      { $sort: { _id: 1 } },
    )
    expect(found).toEqual([
      {
        _id: null,
        n: 2,
        count: 2,
        sum: 90,
        mean: 45,
        least: 40,
        most: 50,
        first: 4,
        last: 5,
        all: [{ id: 4 }, { id: 5 }],
        tags: ['c'],
      },
      {
        _id: 'ada',
        n: 2,
        count: 2,
        sum: 40,
        mean: 20,
        least: 10,
        most: 30,
        first: 1,
        last: 3,
        all: [{ id: 1, city: 'Rome' }, { id: 3 }],
        tags: [['a', 'b'], ['b']],
      },
      {
        _id: 'bob',
        n: 1,
        count: 1,
        sum: 20,
        mean: 20,
        least: 20,
        most: 20,
        first: 2,
        last: 2,
        all: [{ id: 2, city: 'Oslo' }],
        tags: [[]],
      },
    ])
  })

  test('by several fields, and merged', async () => {
    const found = await run(
      { $group: { _id: { user: '$user', big: { $gt: ['$total', 15] } }, homes: { $mergeObjects: '$home' } } },
      { $match: { '_id.user': 'ada' } },
      { $sort: { '_id.big': 1 } },
    )
    expect(found).toEqual([
      { _id: { user: 'ada', big: false }, homes: { city: 'Rome' } },
      { _id: { user: 'ada', big: true }, homes: {} },
    ])
  })

  test('with accumulators of another kind', async () => {
    const spread = { $group: { _id: null, spread: { $stdDevPop: '$total' } } }
    const [found] = await run({ $match: { _id: { $in: [1, 3] } } }, spread)
    expect(found).toEqual({ _id: null, spread: 10 })
    const buckets = await run({ $bucket: { groupBy: '$total', boundaries: [0, 25, 100] } })
    expect(buckets).toEqual([
      { _id: 0, count: 2 },
      { _id: 25, count: 3 },
    ])
    const running = {
      $setWindowFields: {
        sortBy: { _id: 1 },
        output: { sum: { $sum: '$total', window: { documents: ['unbounded', 'current'] } } },
      },
    }
    expect((await run(running, { $sort: { _id: 1 } })).map(({ sum }): unknown => sum)).toEqual([
      10, 30, 60, 100, 150,
    ])
  })
})

describe('arrays', () => {
  test('are unwound, with their places and what is empty where that is wanted', async () => {
    expect(await run({ $unwind: '$lines' }, { $project: { _id: 1, sku: '$lines.sku' } })).toEqual([
      { _id: 1, sku: 'x' },
      { _id: 3, sku: 'x' },
      { _id: 3, sku: 'y' },
    ])
    const all = { path: '$tags', preserveNullAndEmptyArrays: true, includeArrayIndex: 'at' }
    expect(await run({ $unwind: all }, { $project: { tags: 1, at: 1 } })).toEqual([
      { _id: 1, tags: 'a', at: 0 },
      { _id: 1, tags: 'b', at: 1 },
      { _id: 2, at: null },
      { _id: 3, tags: 'b', at: 0 },
      { _id: 4, tags: 'c', at: null },
      { _id: 5, at: null },
    ])
  })
})

test('facets see the same documents', async () => {
  const facets = {
    users: [{ $sortByCount: '$user' }, { $match: { _id: 'ada' } }],
    totals: [{ $group: { _id: null, sum: { $sum: '$total' } } }],
    none: [{ $match: { _id: 0 } }],
  }
  expect(await run({ $facet: facets })).toEqual([
    { users: [{ _id: 'ada', count: 2 }], totals: [{ _id: null, sum: 150 }], none: [] },
  ])
})

describe('variables', () => {
  test('of the command', async () => {
    const least = { $match: { $expr: { $gt: ['$total', '$$least'] } } }
    const found = await server()
      .db.collection('orders')
      .aggregate([least], { let: { least: 35 } })
      .toArray()
    expect(ids(found)).toEqual([4, 5])
  })

  test('that tell the time, the same for all documents', async () => {
    const found = await run({
      $project: { now: '$$NOW', past: { $lt: ['$$NOW', new Date(4_000_000_000_000)] } },
    })
    expect(new Set(found.map(({ now }) => String(now))).size).toBe(1)
    expect(found[0]).toMatchObject({ past: true })
  })

  test('that take a field away', async () => {
    const without = { $set: { user: { $cond: [{ $gt: ['$total', 15] }, '$$REMOVE', '$user'] } } }
    expect(await run({ $match: { _id: { $lte: 2 } } }, without, { $project: { user: 1 } })).toEqual([
      { _id: 1, user: 'ada' },
      { _id: 2 },
    ])
  })
})

test('a pipeline without a collection', async () => {
  const made = await server()
    .db.aggregate([{ $documents: [{ n: 1 }, { n: 2 }] }, { $match: { n: 2 } }])
    .toArray()
  expect(made).toEqual([{ n: 2 }])
})

test('batches of a pipeline', async () => {
  const cursor = server()
    .db.collection('orders')
    .aggregate([{ $unwind: '$lines' }], { batchSize: 1 })
  expect(await cursor.toArray()).toHaveLength(3)
})
