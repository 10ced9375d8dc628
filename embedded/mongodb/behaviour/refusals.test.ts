import { Long, MongoClient, type Document } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  aggregate,
  commands,
  find,
  operations,
  pipelines,
  reads,
  writes,
  type Case,
} from './wrong-requests.ts'
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
    [
      'functions',
      aggregate({ $project: { n: { $function: { body: '', args: [], lang: 'js' } } } }),
      2,
      'BadValue',
    ],
    [
      'accumulators that are functions',
      aggregate({ $group: { _id: 1, n: { $accumulator: { init: '' } } } }),
      2,
    ],
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
