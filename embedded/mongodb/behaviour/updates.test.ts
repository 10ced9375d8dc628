import { Double, Long, type Document } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { refusalOf, testServer, untyped, type Thing } from './server.ts'

const server = testServer()
let collections = 0
const fresh = () => server().db.collection<Thing>(`updates${++collections}`)

describe('operators', () => {
  const before = {
    _id: 1,
    n: 5,
    list: [1, 2, 3, 2],
    home: { city: 'Rome', zip: 1 },
    lines: [
      { k: 1, v: 1 },
      { k: 2, v: 2 },
    ],
  }
  const cases: [string, Document, Document][] = [
    [
      '$set',
      { $set: { n: 'x', 'home.city': 'Oslo', 'a.b': 1 } },
      { n: 'x', home: { city: 'Oslo', zip: 1 }, a: { b: 1 } },
    ],
    ['$unset', { $unset: { n: '', 'home.zip': '' } }, { n: undefined, home: { city: 'Rome' } }],
    ['$inc', { $inc: { n: 2, fresh: 3 } }, { n: 7, fresh: 3 }],
    ['$inc of a path', { $inc: { 'home.zip': 2 } }, { home: { city: 'Rome', zip: 3 } }],
    ['$mul', { $mul: { n: 3 } }, { n: 15 }],
    ['$min and $max', { $min: { n: 4 }, $max: { 'home.zip': 9 } }, { n: 4, home: { city: 'Rome', zip: 9 } }],
    ['$rename', { $rename: { n: 'm' } }, { n: undefined, m: 5 }],
    ['$push', { $push: { list: 9 } }, { list: [1, 2, 3, 2, 9] }],
    [
      '$push with $each, $sort, $slice',
      { $push: { list: { $each: [0, 7], $sort: -1, $slice: 3 } } },
      { list: [7, 3, 2] },
    ],
    ['$addToSet', { $addToSet: { list: { $each: [3, 4] } } }, { list: [1, 2, 3, 2, 4] }],
    ['$pull', { $pull: { list: 2 } }, { list: [1, 3] }],
    ['$pullAll', { $pullAll: { list: [1, 2] } }, { list: [3] }],
    ['$pop', { $pop: { list: 1 } }, { list: [1, 2, 3] }],
    [
      'all elements',
      { $inc: { 'lines.$[].v': 10 } },
      {
        lines: [
          { k: 1, v: 11 },
          { k: 2, v: 12 },
        ],
      },
    ],
    [
      'a pipeline',
      [{ $set: { twice: { $multiply: ['$n', 2] } } }, { $unset: 'list' }],
      { twice: 10, list: undefined },
    ],
  ]

  test.each(cases)('%s', async (_, update, expected) => {
    const things = fresh()
    await things.insertOne(before)
    expect(await things.updateOne({ _id: 1 }, update)).toMatchObject({ matchedCount: 1, modifiedCount: 1 })
    const wanted = Object.fromEntries(
      Object.entries({ ...before, ...expected }).filter(([, value]) => value !== undefined),
    )
    expect(await things.findOne({ _id: 1 })).toEqual(wanted)
  })

  test('the element that matched', async () => {
    const things = fresh()
    await things.insertOne(before)
    await things.updateOne({ _id: 1, 'lines.k': 2 }, { $set: { 'lines.$.v': 'second' } })
    await things.updateOne(
      { _id: 1 },
      { $set: { 'lines.$[line].v': 'first' } },
      { arrayFilters: [{ 'line.k': 1 }] },
    )
    expect((await things.findOne({}))?.['lines']).toEqual([
      { k: 1, v: 'first' },
      { k: 2, v: 'second' },
    ])
  })

  test('$currentDate is now', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1 })
    await things.updateOne({ _id: 1 }, untyped({ $currentDate: { at: true } }))
    expect((await things.findOne({}))?.['at']).toBeInstanceOf(Date)
  })

  test('an update that changes nothing has matched, not modified', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1, n: 1 })
    expect(await things.updateOne({ _id: 1 }, { $set: { n: 1 } })).toMatchObject({
      matchedCount: 1,
      modifiedCount: 0,
    })
  })

  test('$inc keeps integers integers, beyond int32 and 2^53', async () => {
    const things = fresh()
    await things.insertOne({
      _id: 1,
      narrow: 2_147_483_647,
      wide: Long.fromString('9007199254740993'),
      double: new Double(1),
    })
    await things.updateOne({ _id: 1 }, untyped({ $inc: { narrow: 1, wide: 2, double: 1 } }))
    expect(await things.findOne({ _id: 1 }, { promoteValues: false })).toMatchObject({
      narrow: Long.fromNumber(2_147_483_648),
      wide: Long.fromString('9007199254740995'),
      double: new Double(2),
    })
  })

  test('many', async () => {
    const things = fresh()
    await things.insertMany([1, 2, 3].map((_id) => ({ _id, n: _id })))
    expect(await things.updateMany({ n: { $gte: 2 } }, untyped({ $inc: { n: 10 } }))).toMatchObject({
      matchedCount: 2,
      modifiedCount: 2,
    })
    expect((await things.find().sort({ _id: 1 }).toArray()).map(({ n }) => n)).toEqual([1, 12, 13])
  })
})

describe('replacing', () => {
  test('keeps the _id and nothing else', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1, old: true })
    await things.replaceOne({ _id: 1 }, { fresh: true })
    expect(await things.find().toArray()).toEqual([{ _id: 1, fresh: true }])
  })
})

describe('upserts', () => {
  test('a replacement takes the _id of its filter', async () => {
    const things = fresh()
    expect(await things.replaceOne({ _id: 'a' }, { n: 1 }, { upsert: true })).toMatchObject({
      upsertedId: 'a',
      upsertedCount: 1,
      matchedCount: 0,
    })
    expect(await things.replaceOne({ _id: 'a' }, { n: 2 }, { upsert: true })).toMatchObject({
      upsertedCount: 0,
      matchedCount: 1,
    })
    expect(await things.find().toArray()).toEqual([{ _id: 'a', n: 2 }])
  })

  test('operators start from what the filter says to be equal', async () => {
    const things = fresh()
    const update = untyped({ $inc: { n: 1 }, $setOnInsert: { made: 'now' } })
    await things.updateOne({ _id: 1, kind: 'k', 'home.city': 'Rome', n: { $exists: false } }, update, {
      upsert: true,
    })
    await things.updateOne({ _id: 1 }, untyped({ $inc: { n: 1 }, $setOnInsert: { made: 'later' } }), {
      upsert: true,
    })
    expect(await things.findOne({})).toEqual({ _id: 1, kind: 'k', home: { city: 'Rome' }, n: 2, made: 'now' })
  })
})

describe('find and modify', () => {
  test('answers the document before or after, or null', async () => {
    const things = fresh()
    await things.insertMany([
      { _id: 1, n: 1 },
      { _id: 2, n: 2 },
    ])
    expect(await things.findOneAndUpdate({}, untyped({ $inc: { n: 5 } }), { sort: { n: -1 } })).toEqual({
      _id: 2,
      n: 2,
    })
    expect(
      await things.findOneAndUpdate({ _id: 2 }, untyped({ $inc: { n: 5 } }), { returnDocument: 'after' }),
    ).toEqual({ _id: 2, n: 12 })
    expect(
      await things.findOneAndReplace({ _id: 3 }, { n: 3 }, { upsert: true, returnDocument: 'after' }),
    ).toEqual({ _id: 3, n: 3 })
    expect(await things.findOneAndUpdate({ _id: 9 }, { $set: { n: 0 } })).toBeNull()
    expect(await things.findOneAndDelete({ _id: 1 }, { projection: { _id: 0 } })).toEqual({ n: 1 })
    expect(await things.countDocuments()).toBe(2)
  })
})

describe('refusals', () => {
  test.each([
    ['another _id', { $set: { _id: 2 } }, 66],
    ['the same field twice', { $set: { n: 1 }, $inc: { n: 1 } }, 40],
    ['adding to a string', { $inc: { text: 1 } }, 14],
    ['adding a string', { $inc: { n: 'x' } }, 14],
  ])('%s', async (_, update, code) => {
    const things = fresh()
    await things.insertOne({ _id: 1, n: 0, text: 't' })
    expect((await refusalOf(things.updateOne({ _id: 1 }, untyped(update)))).code).toBe(code)
    expect(await things.findOne({})).toEqual({ _id: 1, n: 0, text: 't' })
  })

  test('an unknown operator', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1 })
    expect((await refusalOf(things.updateOne({ _id: 1 }, { $never: { n: 1 } }))).code).toBe(9)
  })
})
