import { Binary, Decimal128, Double, Int32, Long, ObjectId, Timestamp, UUID } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { refusalOf, testServer, untyped, type Thing } from './server.ts'

const server = testServer()
let collections = 0
const fresh = () => server().db.collection<Thing>(`documents${++collections}`)

describe('inserting', () => {
  test('a document without _id gets an ObjectId', async () => {
    const things = server().db.collection('without-id')
    const { insertedId } = await things.insertOne({ name: 'a' })
    expect(insertedId).toBeInstanceOf(ObjectId)
    expect(await things.findOne({ _id: insertedId })).toEqual({ _id: insertedId, name: 'a' })
  })

  test('_id comes first, wherever it was', async () => {
    const things = fresh()
    await things.insertOne({ name: 'a', _id: 1 })
    expect(Object.keys((await things.findOne({})) ?? {})).toEqual(['_id', 'name'])
  })

  test('a second document of the same _id is a duplicate, and changes nothing', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1, name: 'first' })
    const { code, response } = await refusalOf(things.insertOne({ _id: 1, name: 'second' }))
    expect(code).toBe(11000)
    expect(response).toMatchObject({ keyPattern: { _id: 1 }, keyValue: { _id: 1 } })
    expect(await things.find().toArray()).toEqual([{ _id: 1, name: 'first' }])
  })

  test('an array is no _id', async () => {
    expect(
      (
        await refusalOf(
          server()
            .db.collection('arrays')
            .insertOne(untyped({ _id: [1] })),
        )
      ).code,
    ).toBe(53)
  })

  test('numbers of different types are the same _id', async () => {
    const things = fresh()
    await things.insertOne({ _id: new Int32(7) })
    expect((await refusalOf(things.insertOne({ _id: Long.fromNumber(7) }))).code).toBe(11000)
    expect((await refusalOf(things.insertOne({ _id: new Double(7) }))).code).toBe(11000)
  })

  test('every type comes back as it went', async () => {
    const things = fresh()
    const document = {
      _id: 1,
      string: 'Größe\0日本',
      long: Long.fromString('9007199254740993'),
      decimal: Decimal128.fromString('0.10'),
      date: new Date(-1),
      binary: new Binary(Buffer.from([0, 255])),
      uuid: new UUID('2b6d2a2c-7bbf-4a42-9f4b-3a1d6c7d0d51'),
      timestamp: new Timestamp({ t: 1, i: 2 }),
      pattern: /^a.c$/i,
      nothing: null,
      nested: { list: [1, [2, { three: 3 }]], empty: {}, none: [] },
    }
    await things.insertOne(document)
    expect(await things.findOne({ _id: 1 })).toEqual(document)
  })

  test('integer types survive an update of another field', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1, long: Long.fromNumber(5), double: new Double(5), list: [1] })
    await things.updateOne({ _id: 1 }, untyped({ $set: { other: 1 }, $push: { list: 2 } }))
    const found = await things.findOne({ _id: 1 }, { promoteValues: false })
    expect(found?.['long']).toEqual(Long.fromNumber(5))
    expect(found?.['double']).toEqual(new Double(5))
  })
})

describe('finding', () => {
  const people = [
    { _id: 1, name: 'Ada', age: 36, tags: ['a', 'b'], home: { city: 'London' } },
    { _id: 2, name: 'Bob', age: 20, tags: [], home: { city: 'Paris' } },
    { _id: 3, name: 'Cy', age: null, tags: ['b'] },
    {
      _id: 4,
      name: 'Di',
      tags: 'b',
      home: { city: 'Rome' },
      lines: [
        { n: 1, sku: 'x' },
        { n: 5, sku: 'y' },
      ],
    },
  ]
  const idsOf = async (filter: object): Promise<unknown[]> => {
    const collection = server().db.collection<{ _id: number }>('people')
    if ((await collection.countDocuments()) === 0) await collection.insertMany(people)
    return (await collection.find(filter).sort({ _id: 1 }).toArray()).map(({ _id }) => _id)
  }

  test.each([
    ['everything', {}, [1, 2, 3, 4]],
    ['equality', { name: 'Bob' }, [2]],
    ['an element of an array', { tags: 'b' }, [1, 3, 4]],
    ['a whole array', { tags: ['a', 'b'] }, [1]],
    ['an empty array', { tags: [] }, [2]],
    ['a dotted path', { 'home.city': 'Rome' }, [4]],
    ['a path through an array', { 'lines.sku': 'y' }, [4]],
    ['a place in an array', { 'tags.1': 'b' }, [1]],
    ['null, which is also missing', { age: null }, [3, 4]],
    ['there', { age: { $exists: true } }, [1, 2, 3]],
    ['a range', { age: { $gt: 20, $lte: 36 } }, [1]],
    ['a range never reaches another type', { age: { $lt: 'z' } }, []],
    ['one of', { name: { $in: ['Ada', 'Cy', 'nobody'] } }, [1, 3]],
    ['one of patterns', { name: { $in: [/^D/, 'Ada'] } }, [1, 4]],
    ['none of', { name: { $nin: ['Ada', 'Cy'] } }, [2, 4]],
    ['not equal', { age: { $ne: 20 } }, [1, 3, 4]],
    ['either', { $or: [{ name: 'Ada' }, { age: 20 }] }, [1, 2]],
    ['neither', { $nor: [{ name: 'Ada' }, { age: 20 }] }, [3, 4]],
    ['both', { $and: [{ tags: 'b' }, { age: { $gte: 0 } }] }, [1]],
    ['not', { age: { $not: { $gt: 25 } } }, [2, 3, 4]],
    ['a pattern', { name: { $regex: '^a', $options: 'i' } }, [1]],
    ['one element that is all of it', { lines: { $elemMatch: { n: { $gt: 2 }, sku: 'y' } } }, [4]],
    ['a size', { tags: { $size: 2 } }, [1]],
    ['all elements', { tags: { $all: ['a', 'b'] } }, [1]],
    ['a type', { tags: { $type: 'array' } }, [1, 2, 3]],
    ['a rest', { age: { $mod: [9, 0] } }, [1]],
    ['an expression', { $expr: { $gt: ['$age', 30] } }, [1]],
  ])('%s', async (_, filter, expected) => {
    expect(await idsOf(filter)).toEqual(expected)
  })

  test.each([
    ['an unknown operator', { age: { $near: 1 } }],
    ['an unknown operator on top', { $never: [] }],
    ['an empty $or', { $or: [] }],
    ['$in without a list', { age: { $in: 1 } }],
  ])('%s is a bad value', async (_, filter) => {
    expect((await refusalOf(server().db.collection('people').find(filter).toArray())).code).toBe(2)
  })

  test('integers beyond 2^53 are told apart', async () => {
    const things = fresh()
    const big = [Long.fromString('9007199254740992'), Long.fromString('9007199254740993')]
    await things.insertMany(big.map((_id) => ({ _id })))
    expect(await things.find(untyped({ _id: { $gt: big[0] } })).toArray()).toEqual([{ _id: big[1] }])
  })
})

test('thousands of _ids at once', async () => {
  const things = fresh()
  await things.insertMany(Array.from({ length: 3_000 }, (_, _id) => ({ _id, n: _id % 7 })))
  const wanted = Array.from({ length: 2_500 }, (_, i) => 2 * i)
  const found = await things.find({ _id: { $in: wanted } }).toArray()
  expect(found.map(({ _id }) => _id)).toEqual(wanted.filter((id) => id < 3_000))
  expect(await things.countDocuments({ n: { $in: wanted } })).toBe(1_714)
})

describe('deleting', () => {
  test('one, many, none', async () => {
    const things = fresh()
    await things.insertMany([1, 2, 3, 4].map((_id) => ({ _id, kind: _id === 4 ? 'b' : 'a' })))
    expect((await things.deleteOne({ kind: 'a' })).deletedCount).toBe(1)
    expect((await things.deleteMany({ kind: 'a' })).deletedCount).toBe(2)
    expect((await things.deleteMany({ kind: 'a' })).deletedCount).toBe(0)
    expect(await things.countDocuments()).toBe(1)
  })
})
