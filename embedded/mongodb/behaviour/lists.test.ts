import { describe, expect, test } from 'vitest'
import { cursorOf, refusalOf, testServer } from './server.ts'

interface Row {
  _id: number
  group: string
  n: number
  note?: { text: string; lang: string }
}

const server = testServer()
const rows: Row[] = Array.from({ length: 250 }, (_, _id) => ({
  _id,
  group: _id % 2 === 0 ? 'even' : 'odd',
  n: (_id * 37) % 100,
  note: { text: `t${_id}`, lang: 'en' },
}))

const filled = async () => {
  const collection = server().db.collection<Row>('rows')
  if ((await collection.estimatedDocumentCount()) === 0) await collection.insertMany(rows)
  return collection
}
const ids = (list: readonly { _id: number }[]): number[] => list.map(({ _id }) => _id)

describe('order and pages', () => {
  test('by several fields in both directions', async () => {
    const found = await (await filled()).find().sort({ group: -1, n: 1, _id: -1 }).toArray()
    const expected = rows.toSorted((a, b) => b.group.localeCompare(a.group) || a.n - b.n || b._id - a._id)
    expect(ids(found)).toEqual(ids(expected))
  })

  test('types sort as in BSON', async () => {
    const mixed = server().db.collection<{ _id: number; v: unknown }>('mixed')
    const values = [null, -1, 2.5, 'a', 'b', { a: 1 }, [], false, true, new Date(0)]
    await mixed.insertMany(values.map((v, _id) => ({ _id, v })).toReversed())
    const found = await mixed.find().sort({ v: 1, _id: 1 }).toArray()
    // An empty array sorts before null, as it has no element.
    expect(ids(found)).toEqual([6, 0, 1, 2, 3, 4, 5, 7, 8, 9])
  })

  test('skip and limit', async () => {
    const collection = await filled()
    expect(ids(await collection.find().sort({ _id: 1 }).skip(10).limit(3).toArray())).toEqual([10, 11, 12])
    expect(ids(await collection.find({ group: 'odd' }).sort({ _id: -1 }).skip(1).limit(2).toArray())).toEqual(
      [247, 245],
    )
    expect(await collection.find().skip(1000).toArray()).toEqual([])
  })

  test('a negative skip or batch is refused', async () => {
    const { db } = server()
    expect((await refusalOf(db.command({ find: 'rows', skip: -1 }))).code).toBe(51024)
    expect((await refusalOf(db.command({ find: 'rows', batchSize: -1 }))).code).toBe(51024)
  })
})

describe('projection', () => {
  const projected = async (projection: Record<string, unknown>) =>
    (await filled()).findOne({ _id: 2 }, { projection })

  test.each([
    ['some fields', { n: 1 }, { _id: 2, n: 74 }],
    ['without _id', { n: 1, _id: 0 }, { n: 74 }],
    ['all but', { note: 0, n: 0 }, { _id: 2, group: 'even' }],
    ['only _id', { _id: 1 }, { _id: 2 }],
    ['all but _id', { _id: 0, note: 0 }, { group: 'even', n: 74 }],
    ['a path', { 'note.lang': 1 }, { _id: 2, note: { lang: 'en' } }],
    ['all but a path', { 'note.lang': 0, n: 0, group: 0 }, { _id: 2, note: { text: 't2' } }],
    ['a computed field', { _id: 0, double: { $multiply: ['$n', 2] } }, { double: 148 }],
  ])('%s', async (_, projection, expected) => {
    expect(await projected(projection)).toEqual(expected)
  })

  test('fields in and out together are refused', async () => {
    expect((await refusalOf(projected({ n: 1, group: 0 }))).code).toBe(31254)
  })
})

describe('cursors', () => {
  test('a list over many batches has every document once', async () => {
    const found = await (await filled()).find().batchSize(7).toArray()
    expect(ids(found).toSorted((a, b) => a - b)).toEqual(ids(rows))
  })

  test('what is deleted ahead of a cursor is not delivered, what is inserted behind it neither', async () => {
    const collection = server().db.collection<{ _id: number }>('moving')
    await collection.insertMany(Array.from({ length: 20 }, (_, i) => ({ _id: i })))
    const cursor = collection.find().sort({ _id: 1 }).batchSize(5)
    const first = await cursor.next()
    await collection.deleteOne({ _id: 15 })
    await collection.insertOne({ _id: -1 })
    const rest = await cursor.toArray()
    expect(ids([...(first ? [first] : []), ...rest])).toEqual(
      Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 15),
    )
  })

  test('a killed cursor is not found', async () => {
    const { db } = server()
    const cursor = cursorOf(await db.command({ find: 'rows', batchSize: 2 }))
    await db.command({ killCursors: 'rows', cursors: [cursor.id] })
    expect((await refusalOf(db.command({ getMore: cursor.id, collection: 'rows' }))).code).toBe(43)
  })

  test('batchSize 0 opens a cursor and delivers nothing yet', async () => {
    const { db } = server()
    await filled()
    const cursor = cursorOf(await db.command({ find: 'rows', batchSize: 0 }))
    expect(cursor.firstBatch).toEqual([])
    const next = await db.command({ getMore: cursor.id, collection: 'rows' })
    expect(cursorOf(next).nextBatch).toHaveLength(250)
  })

  test('a collection that is not there is empty', async () => {
    expect(await server().db.collection('nowhere').find({ a: 1 }).toArray()).toEqual([])
  })
})

describe('counting', () => {
  test('documents and distinct values', async () => {
    const collection = await filled()
    expect(await collection.countDocuments({ group: 'odd' })).toBe(125)
    expect(await collection.countDocuments({}, { skip: 240 })).toBe(10)
    expect(await collection.estimatedDocumentCount()).toBe(250)
    expect(await collection.distinct('group')).toEqual(['even', 'odd'])
    expect(await collection.distinct('n', { n: { $lt: 3 } })).toEqual([0, 1, 2])
  })
})

describe('aggregation', () => {
  test('groups what matches', async () => {
    const collection = await filled()
    const groups = await collection
      .aggregate([
        { $match: { _id: { $lt: 10 } } },
        { $group: { _id: '$group', sum: { $sum: '$_id' }, n: { $count: {} } } },
        { $sort: { _id: 1 } },
      ])
      .toArray()
    expect(groups).toEqual([
      { _id: 'even', sum: 20, n: 5 },
      { _id: 'odd', sum: 25, n: 5 },
    ])
  })

  test('joins another collection and pages', async () => {
    const collection = await filled()
    const names = server().db.collection<{ _id: string; title: string }>('names')
    await names.insertOne({ _id: 'odd', title: 'not even' })
    const found = await collection
      .aggregate([
        { $match: { group: 'odd' } },
        { $sort: { _id: -1 } },
        { $limit: 1 },
        { $lookup: { from: 'names', localField: 'group', foreignField: '_id', as: 'names' } },
        { $project: { title: { $first: '$names.title' } } },
      ])
      .toArray()
    expect(found).toEqual([{ _id: 249, title: 'not even' }])
  })

  test('an unknown stage is refused', async () => {
    const collection = await filled()
    expect((await refusalOf(collection.aggregate([{ $never: {} }]).toArray())).code).toBe(40324)
  })
})
