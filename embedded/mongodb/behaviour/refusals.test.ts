import { Long, MongoClient, type Document } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { onAnotherServer, refusalOf, testServer } from './server.ts'

const server = testServer()
const rows = [
  { _id: 1, n: 1, text: 't', list: [1, 2], inner: { a: 1 }, user: 'u1' },
  { _id: 2, n: 2, text: 't', list: [3], inner: { a: 2 }, user: 'u2' },
]

beforeAll(async () => {
  const things = server().db.collection<Document & { _id: number }>('things')
  await things.insertMany(rows)
  await things.createIndex({ user: 1 }, { unique: true })
})

const find = (more: Document): Document => ({ find: 'things', ...more })
const aggregate = (...pipeline: Document[]): Document => ({ aggregate: 'things', pipeline, cursor: {} })
const update = (u: Document | Document[], more: Document = {}): Document => ({
  update: 'things',
  updates: [{ q: { _id: 1 }, u, ...more }],
})
const insert = (...documents: Document[]): Document => ({ insert: 'things', documents })
const modify = (more: Document): Document => ({ findAndModify: 'things', query: { _id: 1 }, ...more })

type Case = [wrong: string, command: Document, code: number, codeName?: string]

const commands: readonly Case[] = [
  ['a command that nobody knows', { conjure: 1 }, 59, 'CommandNotFound'],
  ['a field that the command does not have', find({ color: 1 }), 40415],
  ['a required field left out', { insert: 'things' }, 40414],
  ['a collection that is no name', { find: 7 }, 73, 'InvalidNamespace'],
  ['a collection without a name', { find: '' }, 73, 'InvalidNamespace'],
  ['a cursor that nobody has', { getMore: Long.fromNumber(77), collection: 'things' }, 43, 'CursorNotFound'],
  ['cursors that are no list', { killCursors: 'things', cursors: 1 }, 14, 'TypeMismatch'],
  ['a version of the API that is none', { ping: 1, apiVersion: '2' }, 322, 'APIVersionError'],
  [
    'a command outside of the strict API',
    { distinct: 'things', key: 'n', apiVersion: '1', apiStrict: true },
    323,
    'APIStrictError',
  ],
  ['a read concern that is none', find({ readConcern: { level: 'sloppy' } }), 2, 'BadValue'],
  ['a log that is none', { getLog: 'diary' }, 13],
]

const reads: readonly Case[] = [
  ['a filter that is no document', find({ filter: 'all' }), 14, 'TypeMismatch'],
  ['a negative limit', find({ limit: -1 }), 51024],
  ['a negative skip', find({ skip: -1 }), 51024],
  ['a negative size of batches', find({ batchSize: -1 }), 51024],
  ['an operator that is none', find({ filter: { n: { $near0: 1 } } }), 2, 'BadValue'],
  ['an operator on top that is none', find({ filter: { $near0: 1 } }), 2, 'BadValue'],
  ['an operator among fields', find({ filter: { n: { $gt: 1, m: 2 } } }), 2, 'BadValue'],
  ['an empty $or', find({ filter: { $or: [] } }), 2, 'BadValue'],
  ['a branch that is no document', find({ filter: { $and: [1] } }), 2, 'BadValue'],
  ['$in without a list', find({ filter: { n: { $in: 1 } } }), 2, 'BadValue'],
  ['$nin without a list', find({ filter: { n: { $nin: 1 } } }), 2, 'BadValue'],
  ['operators in $in', find({ filter: { n: { $in: [{ $gt: 1 }] } } }), 2, 'BadValue'],
  ['$not of a value', find({ filter: { n: { $not: 1 } } }), 2, 'BadValue'],
  ['$not of nothing', find({ filter: { n: { $not: {} } } }), 2, 'BadValue'],
  ['a negative $size', find({ filter: { list: { $size: -1 } } }), 2, 'BadValue'],
  ['$all without a list', find({ filter: { list: { $all: 1 } } }), 2, 'BadValue'],
  ['$elemMatch without a document', find({ filter: { list: { $elemMatch: 1 } } }), 2, 'BadValue'],
  ['$mod by zero', find({ filter: { n: { $mod: [0, 1] } } }), 2, 'BadValue'],
  ['$mod with one number', find({ filter: { n: { $mod: [2] } } }), 2, 'BadValue'],
  ['a type that is none', find({ filter: { n: { $type: 'color' } } }), 2, 'BadValue'],
  ['$options without $regex', find({ filter: { text: { $options: 'i' } } }), 2, 'BadValue'],
  ['a pattern that is none', find({ filter: { text: { $regex: '(' } } }), 51091],
  ['an option that is none', find({ filter: { text: { $regex: 'a', $options: 'z' } } }), 51108],
  ['a pattern that is less than another', find({ filter: { text: { $gt: /a/ } } }), 2, 'BadValue'],
  ['an order that is neither up nor down', find({ sort: { n: 2 } }), 15975],
  ['an order that is no number', find({ sort: { n: 'up' } }), 15974],
  ['fields kept and dropped', find({ projection: { n: 1, text: 0 } }), 31254],
  ['fields dropped and kept', find({ projection: { n: 0, text: 1 } }), 31253],
  ['a field and a part of it', find({ projection: { inner: 1, 'inner.a': 1 } }), 31250],
  ['a hint at an index that is none', find({ hint: 'none' }), 2, 'BadValue'],
  ['a hint at keys that are none', find({ hint: { text: 1 } }), 2, 'BadValue'],
  ['a cursor that waits, of a usual collection', find({ tailable: true }), 2, 'BadValue'],
  ['distinct values of nothing', { distinct: 'things' }, 40414],
  ['distinct values of a number', { distinct: 'things', key: 1 }, 14, 'TypeMismatch'],
  ['a count with a filter that is none', { count: 'things', query: 1 }, 14, 'TypeMismatch'],
  ['indexes of a collection that is not there', { listIndexes: 'nowhere' }, 26, 'NamespaceNotFound'],
]

const pipelines: readonly Case[] = [
  ['no cursor', { aggregate: 'things', pipeline: [] }, 9, 'FailedToParse'],
  ['a pipeline that is no list', { aggregate: 'things', pipeline: {}, cursor: {} }, 14, 'TypeMismatch'],
  ['a stage that is none', aggregate({ $conjure: {} }), 40324],
  ['two stages in one', aggregate({ $skip: 1, $limit: 1 }), 40323],
  ['no stage in one', aggregate({}), 40323],
  ['a limit of nothing', aggregate({ $limit: 0 }), 15958],
  ['a limit that is no number', aggregate({ $limit: 'x' }), 5107201],
  ['a negative skip', aggregate({ $skip: -1 }), 5107200],
  ['an order without fields', aggregate({ $sort: {} }), 15976],
  ['an order that is no document', aggregate({ $sort: 1 }), 15973],
  ['a match that is no document', aggregate({ $match: 1 }), 15959],
  ['a group without _id', aggregate({ $group: { n: { $sum: 1 } } }), 15955],
  ['a group that is no document', aggregate({ $group: 1 }), 15947],
  ['a field of a group that is no accumulator', aggregate({ $group: { _id: null, n: 1 } }), 40234],
  ['a field of a group that is two', aggregate({ $group: { _id: null, n: { $sum: 1, $avg: 1 } } }), 40238],
  ['$unwind of nothing', aggregate({ $unwind: {} }), 28812],
  ['$unwind without a dollar', aggregate({ $unwind: 'list' }), 28818],
  ['$unwind with an option that is none', aggregate({ $unwind: { path: '$list', color: 1 } }), 28811],
  ['$project of nothing', aggregate({ $project: {} }), 51272],
  ['$addFields of a number', aggregate({ $addFields: 1 }), 40272],
  ['$unset of a number', aggregate({ $unset: 1 }), 31002],
  ['a root that is no document', aggregate({ $replaceWith: '$n' }), 40228],
  ['$count without a name', aggregate({ $count: '' }), 40156],
  ['$count of a path', aggregate({ $count: '$n' }), 40158],
  ['$sample of nothing', aggregate({ $sample: { size: -1 } }), 28747],
  ['$lookup that is no document', aggregate({ $lookup: 1 }), 9, 'FailedToParse'],
  ['$facet of nothing', aggregate({ $facet: {} }), 40169],
  ['$facet within $facet', aggregate({ $facet: { a: [{ $facet: { b: [] } }] } }), 40600],
  ['statistics in the middle', aggregate({ $match: {} }, { $collStats: { count: {} } }), 40602],
]

const writes: readonly Case[] = [
  ['an empty batch', { insert: 'things', documents: [] }, 16, 'InvalidLength'],
  ['a name that no collection may have', { insert: 'a$b', documents: [{ a: 1 }] }, 73, 'InvalidNamespace'],
  ['a delete of several, but not all', { delete: 'things', deletes: [{ q: {}, limit: 5 }] }, 9],
  ['an update with a field that is none', update({ $set: { n: 1 } }, { color: 1 }), 40415],
  ['find and modify nothing', modify({}), 9, 'FailedToParse'],
  ['an update and a removal', modify({ update: { n: 1 }, remove: true }), 9, 'FailedToParse'],
  ['the removed document as it is after', modify({ remove: true, new: true }), 9, 'FailedToParse'],
  ['another _id for the document found', modify({ update: { $set: { _id: 9 } } }), 66, 'ImmutableField'],
  ['a value that another has', modify({ update: { $set: { user: 'u2' } } }), 11000, 'DuplicateKey'],
]

const operations: readonly (readonly [wrong: string, command: Document, code: number])[] = [
  ['an _id that is there', insert({ _id: 1 }), 11000],
  ['a unique value that is there', insert({ _id: 5, user: 'u1' }), 11000],
  ['an _id that is an array', insert({ _id: [1] }), 53],
  ['an _id that is a pattern', insert({ _id: /a/ }), 53],
  ['an _id with an operator in it', insert({ _id: { $a: 1 } }), 52],
  ['an operator that is none', update({ $conjure: { n: 1 } }), 9],
  ['an operator of a number', update({ $set: 1 }), 9],
  ['an operator between fields', update({ n: 1, $set: { n: 1 } }), 52],
  ['a field between operators', update({ $set: { n: 1 }, m: 1 }), 9],
  ['another _id', update({ $set: { _id: 2 } }), 66],
  ['a replacement with another _id', update({ _id: 2, n: 1 }), 66],
  ['the same field twice', update({ $set: { n: 1 }, $inc: { n: 1 } }), 40],
  ['a field and a part of it', update({ $set: { inner: 1, 'inner.a': 1 } }), 40],
  ['an empty path', update({ $set: { '': 1 } }), 56],
  ['a path with an empty part', update({ $set: { 'a..b': 1 } }), 56],
  ['a field below a number', update({ $set: { 'n.a': 1 } }), 28],
  ['a name in an array', update({ $set: { 'list.a': 1 } }), 28],
  ['adding to a text', update({ $inc: { text: 1 } }), 14],
  ['adding a text', update({ $inc: { n: 'x' } }), 14],
  ['multiplying by a text', update({ $mul: { n: 'x' } }), 14],
  ['pushing onto a number', update({ $push: { n: 1 } }), 2],
  ['pushing each of a number', update({ $push: { list: { $each: 1 } } }), 2],
  ['pushing with a clause that is none', update({ $push: { list: { $each: [], $color: 1 } } }), 2],
  ['adding to a set that is a number', update({ $addToSet: { n: 1 } }), 2],
  ['pulling from a number', update({ $pull: { n: 1 } }), 2],
  ['pulling all of a number', update({ $pullAll: { list: 1 } }), 2],
  ['popping from the middle', update({ $pop: { list: 2 } }), 9],
  ['popping from a number', update({ $pop: { n: 1 } }), 14],
  ['renaming to itself', update({ $rename: { n: 'n' } }), 2],
  ['renaming to a number', update({ $rename: { n: 1 } }), 2],
  ['renaming into an array', update({ $rename: { n: 'list.0' } }), 2],
  ['bits of a fraction', update({ $bit: { n: { and: 1.5 } } }), 2],
  ['a bit operator that is none', update({ $bit: { n: { nand: 1 } } }), 2],
  ['a date of a type that is none', update({ $currentDate: { n: { $type: 'year' } } }), 2],
  ['an element that nothing has found', update({ $set: { 'list.$': 1 } }), 2],
  ['all elements of a number', update({ $set: { 'n.$[]': 1 } }), 2],
  ['elements by a filter that is missing', update({ $set: { 'list.$[x]': 1 } }), 2],
  ['a filter of elements that is not used', update({ $set: { n: 1 } }, { arrayFilters: [{ x: 1 }] }), 9],
  [
    'two filters of the same elements',
    update({ $set: { 'list.$[x]': 1 } }, { arrayFilters: [{ x: 1 }, { x: 2 }] }),
    9,
  ],
  ['a replacement of many', update({ n: 1 }, { multi: true }), 9],
  ['a filter with an operator that is none', update({ $set: { n: 1 } }, { q: { n: { $conjure: 1 } } }), 2],
  ['a hint at an index that is none', update({ $set: { n: 1 } }, { hint: 'none' }), 2],
  ['a value that another document has', update({ $set: { user: 'u2' } }), 11000],
  [
    'an upsert that begins twice',
    update({ $set: { m: 1 } }, { q: { $and: [{ x: 1 }, { x: 2 }] }, upsert: true }),
    54,
  ],
]

const insertOf = (more: Document): Document => ({ insert: 'things', documents: [{ _id: 9 }], ...more })
const indexKeys = z.record(z.string(), z.union([z.literal(1), z.literal(-1)]))
const replyShape = z.object({
  ok: z.literal(1),
  writeErrors: z.array(z.object({ index: z.number(), code: z.number() })),
})

/** One connection for all of them: none may end it. */
describe('is refused, changes nothing, and the connection goes on:', () => {
  const unchanged = async (): Promise<void> => {
    const { db } = server()
    expect(await db.collection('things').find().sort({ _id: 1 }).toArray()).toEqual(rows)
  }
  const connectionOf = async (client: MongoClient): Promise<unknown> =>
    (await client.db('admin').command({ hello: 1 }))['connectionId']

  const run = async (command: Document): Promise<unknown> => {
    const client = new MongoClient(server().url, { maxPoolSize: 1 })
    try {
      const before = await connectionOf(client)
      const outcome = await client
        .db(server().db.databaseName)
        .command(command)
        .catch((error: unknown) => error)
      expect(await connectionOf(client)).toEqual(before)
      return outcome
    } finally {
      await client.close()
    }
  }

  test.each<Case>([...commands, ...reads, ...pipelines, ...writes])(
    '%s',
    async (_, command, code, codeName) => {
      expect(await run(command)).toMatchObject({ code, ...(codeName && { codeName }) })
      await unchanged()
    },
  )

  test.each(operations)('%s', async (_, command, code) => {
    expect(replyShape.parse(await run(command)).writeErrors).toMatchObject([{ index: 0, code }])
    await unchanged()
  })
})

describe('a duplicate key tells which key', () => {
  test.each<[string, Document, Document, Document, Document]>([
    ['of _id', { _id: 1 }, { _id: 'a' }, { _id: 'a' }, { _id: 'a' }],
    [
      'of an embedded _id',
      { _id: 1 },
      { _id: { a: 1, b: 2 } },
      { _id: { a: 1, b: 2 } },
      { _id: { a: 1, b: 2 } },
    ],
    ['of an embedded field', { 'in.a': 1 }, { in: { a: 'x' } }, { in: { a: 'x' } }, { 'in.a': 'x' }],
    ['of a document', { in: -1 }, { in: { a: 1 } }, { in: { a: 1 } }, { in: { a: 1 } }],
    ['of several fields', { a: 1, b: -1 }, { a: 1, b: 2 }, { b: 2, a: 1 }, { a: 1, b: 2 }],
    ['of a missing field', { a: 1 }, { _id: 1 }, { _id: 2 }, { a: null }],
    ['of an element of an array', { list: 1 }, { list: [1, 2] }, { list: [3, 2] }, { list: 2 }],
    [
      'of an element shorter than another',
      { list: 1 },
      { list: [true] },
      { list: [5, true] },
      { list: true },
    ],
    ['of a field in an array', { 'l.a': 1 }, { l: [{ a: 1 }] }, { l: [{ a: 5 }, { a: 1 }] }, { 'l.a': 1 }],
  ])('%s', async (name, keyPattern, first, second, keyValue) => {
    const things = server().db.collection(`duplicates ${name}`)
    if (!('_id' in keyPattern)) await things.createIndex(indexKeys.parse(keyPattern), { unique: true })
    await things.insertOne({ ...first })
    const { code, response } = await refusalOf(things.insertOne({ ...second }))
    expect(code).toBe(11000)
    expect(response).toMatchObject({ keyPattern, keyValue })
    expect(await things.countDocuments()).toBe(1)
  })
})

describe.skipIf(onAnotherServer)('this node alone refuses', () => {
  test.each<Case>([
    ['pipelines that write', aggregate({ $out: 'other' }), 40324],
    ['pipelines that merge', aggregate({ $merge: 'other' }), 40324],
    ['change streams', aggregate({ $changeStream: {} }), 40573],
    ['another order of texts', find({ collation: { locale: 'de' } }), 2, 'BadValue'],
    ['scripts', find({ filter: { $where: 'true' } }), 2, 'BadValue'],
    ['schemas', find({ filter: { $jsonSchema: {} } }), 2, 'BadValue'],
    ['numbered transactions', insertOf({ lsid: {}, txnNumber: Long.fromNumber(1) }), 20, 'IllegalOperation'],
    ['a write to several members', insertOf({ writeConcern: { w: 2 } }), 2, 'BadValue'],
    ['reading of what no other member can undo', find({ readConcern: { level: 'linearizable' } }), 123],
    ['views', { create: 'view', viewOn: 'things', pipeline: [] }, 72, 'InvalidOptions'],
    ['the status of a replica set', { replSetGetStatus: 1 }, 13],
  ])('%s', async (_, command, code, codeName) => {
    const refusal = await refusalOf(server().db.command(command))
    expect(refusal).toMatchObject({ code, ...(codeName && { response: { codeName } }) })
    expect(await server().db.collection('things').countDocuments()).toBe(2)
  })

  test('a document that would grow beyond 16 MB', async () => {
    const things = server().db.collection<{ _id: number; list: string[] }>('large')
    await things.insertOne({ _id: 1, list: ['x'.repeat(9_000_000)] })
    const growing = things.updateOne({ _id: 1 }, { $push: { list: 'y'.repeat(9_000_000) } })
    expect((await refusalOf(growing)).code).toBe(10334)
    expect((await things.findOne({ _id: 1 }))?.list).toHaveLength(1)
  })

  test('an _id longer than its keys can be', async () => {
    const things = server().db.collection<{ _id: string }>('keys')
    expect((await refusalOf(things.insertOne({ _id: 'x'.repeat(2_000) }))).code).toBe(17280)
  })
})
