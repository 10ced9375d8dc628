import { Timestamp, type Document, type Filter, type UpdateOptions } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { testServer, untyped, type Thing } from './server.ts'

const server = testServer()
let collections = 0
const fresh = () => server().db.collection<Thing>(`paths${++collections}`)

describe('paths', () => {
  const updated = async (
    before: Document,
    update: Document,
    { filter = {}, ...options }: UpdateOptions & { filter?: Filter<Thing> } = {},
  ): Promise<Document | null> => {
    const things = fresh()
    await things.insertOne({ _id: 1, ...before })
    await things.updateOne({ _id: 1, ...filter }, untyped(update), options)
    return things.findOne({}, { projection: { _id: 0 } })
  }

  test.each<[string, Document, Document, Document]>([
    ['a place in an array', { list: [1, 2] }, { $set: { 'list.1': 9 } }, { list: [1, 9] }],
    ['a place behind the end', { list: [1] }, { $set: { 'list.3': 9 } }, { list: [1, null, null, 9] }],
    ['a field of a place', { list: [{ a: 1 }] }, { $inc: { 'list.0.a': 1 } }, { list: [{ a: 2 }] }],
    [
      'an element taken out leaves its place',
      { list: [1, 2] },
      { $unset: { 'list.0': '' } },
      { list: [null, 2] },
    ],
    [
      'fields that lie next to each other',
      { a: { b: 1 } },
      { $set: { 'a.b': 2, 'a.c': 3 } },
      { a: { b: 2, c: 3 } },
    ],
    [
      'what is not there is not taken out',
      { a: 1 },
      { $unset: { 'a.b': '', c: '' }, $pull: { d: 1 }, $pop: { e: 1 } },
      { a: 1 },
    ],
    ['a field renamed into a document', { a: 1 }, { $rename: { a: 'b.c' } }, { b: { c: 1 } }],
    [
      'new fields in the order of their names',
      {},
      { $set: { c: 1, a: 2, 'b.x': 3 } },
      { a: 2, b: { x: 3 }, c: 1 },
    ],
    [
      'pushed into a place',
      { list: [1, 4] },
      { $push: { list: { $each: [2, 3], $position: 1 } } },
      { list: [1, 2, 3, 4] },
    ],
    [
      'pushed and kept from the end',
      { list: [1, 2] },
      { $push: { list: { $each: [3], $slice: -2 } } },
      { list: [2, 3] },
    ],
    [
      'pushed in order of a field',
      { list: [{ n: 2 }] },
      { $push: { list: { $each: [{ n: 3 }, { n: 1 }], $sort: { n: -1 } } } },
      { list: [{ n: 3 }, { n: 2 }, { n: 1 }] },
    ],
    ['pulled by operators', { list: [1, 5, 9] }, { $pull: { list: { $gt: 3, $lt: 9 } } }, { list: [1, 9] }],
    [
      'pulled by fields',
      { list: [{ a: 1, b: 1 }, { a: 2 }] },
      { $pull: { list: { a: 1 } } },
      { list: [{ a: 2 }] },
    ],
    ['pulled by a pattern', { list: ['ab', 'cd'] }, { $pull: { list: /^a/ } }, { list: ['cd'] }],
    ['a set of documents', { list: [{ a: 1 }] }, { $addToSet: { list: { a: 1 } } }, { list: [{ a: 1 }] }],
  ])('%s', async (_, before, update, expected) => {
    const found = await updated(before, update)
    expect(found).toEqual(expected)
    expect(Object.keys(found ?? {})).toEqual(Object.keys(expected))
  })

  test('elements of elements, by filters', async () => {
    const before = {
      rows: [
        { k: 1, cells: [{ v: 1 }, { v: 5 }] },
        { k: 2, cells: [{ v: 5 }] },
      ],
    }
    const arrayFilters = [{ 'row.k': 1 }, { $or: [{ 'cell.v': { $gt: 3 } }, { 'cell.v': 0 }] }]
    expect(await updated(before, { $set: { 'rows.$[row].cells.$[cell].v': 9 } }, { arrayFilters })).toEqual({
      rows: [
        { k: 1, cells: [{ v: 1 }, { v: 9 }] },
        { k: 2, cells: [{ v: 5 }] },
      ],
    })
    expect(
      await updated({ list: [1, 5] }, { $mul: { 'list.$[x]': 2 } }, { arrayFilters: [{ x: { $gte: 5 } }] }),
    ).toEqual({ list: [1, 10] })
  })

  test('the element that the filter found, by all its conditions', async () => {
    const lines = [
      { sku: 'a', n: 1 },
      { sku: 'b', n: 1 },
      { sku: 'b', n: 2 },
    ]
    const filter = { lines: { $elemMatch: { sku: 'b', n: 2 } } }
    expect(await updated({ lines }, { $set: { 'lines.$.n': 9 } }, { filter })).toEqual({
      lines: [lines[0], lines[1], { sku: 'b', n: 9 }],
    })
    expect(
      await updated({ list: [5, 8] }, { $inc: { 'list.$': 1 } }, { filter: { list: { $gt: 6 } } }),
    ).toEqual({ list: [5, 9] })
  })

  test('dates of now', async () => {
    const things = fresh()
    await things.insertOne({ _id: 1 })
    const before = Date.now()
    await things.updateOne({ _id: 1 }, untyped({ $currentDate: { at: true, stamp: { $type: 'timestamp' } } }))
    const found = await things.findOne({ _id: 1 })
    expect(found?.['at']).toBeInstanceOf(Date)
    expect(Number(found?.['at'])).toBeGreaterThanOrEqual(before)
    expect(found?.['stamp']).toBeInstanceOf(Timestamp)
  })
})
