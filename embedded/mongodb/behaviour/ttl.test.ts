import { rmSync } from 'node:fs'
import { MongoClient, type Db } from 'mongodb'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { MongoDBNode } from '../node.ts'
import { refusalOf, temporaryDirectory } from './server.ts'

/** Of this node only, as its clock is set by the test. */
interface Thing {
  _id: number | string
  at?: unknown
  kind?: string
}

const statusShape = z.object({ metrics: z.object({ ttl: z.object({ passes: z.number() }) }) })
const start = Date.UTC(2030, 0, 1)
const second = 1_000

let directory: string
let node: MongoDBNode
let client: MongoClient
let db: Db
let now: number

beforeEach(async () => {
  now = start
  directory = temporaryDirectory()
  await begin()
})
afterEach(async () => {
  await end()
  rmSync(directory, { recursive: true })
})

async function begin(): Promise<void> {
  node = await MongoDBNode.start({ db: directory, now: () => now, ttlInterval: 1 })
  client = await MongoClient.connect(node.connectionString)
  db = client.db('t')
}

async function end(): Promise<void> {
  await client.close()
  await node.stop()
}

const after = (seconds: number): Date => new Date(start + seconds * second)

async function left(name: string): Promise<unknown[]> {
  return (await db.collection<Thing>(name).find().sort({ _id: 1 }).toArray()).map(({ _id }) => _id)
}

/** What is left when two passes have begun and ended since. */
async function leftAfterPasses(name: string): Promise<unknown[]> {
  const passes = async (): Promise<number> =>
    statusShape.parse(await db.command({ serverStatus: 1 })).metrics.ttl.passes
  const before = await passes()
  await vi.waitUntil(async () => (await passes()) >= before + 2, { timeout: 10_000, interval: 2 })
  return left(name)
}

describe('a TTL index', () => {
  test('removes what is past its time, not before', async () => {
    const things = db.collection<Thing>('things')
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    await things.insertMany([
      { _id: 1, at: after(0) },
      { _id: 2, at: after(30) },
      { _id: 3, at: after(60) },
    ])
    now = start + 59 * second
    expect(await leftAfterPasses('things')).toEqual([1, 2, 3])
    now = start + 60 * second
    expect(await leftAfterPasses('things')).toEqual([2, 3])
    now = start + 1_000 * second
    expect(await leftAfterPasses('things')).toEqual([])
  })

  test('counts an array by its first date, and lets everything else be', async () => {
    const things = db.collection<Thing>('things')
    await things.createIndex({ at: -1 }, { expireAfterSeconds: 0 })
    await things.insertMany([
      { _id: 'first date', at: [after(500), 'x', after(10)] },
      { _id: 'later dates', at: [after(500), after(600)] },
      { _id: 'number', at: 5 },
      { _id: 'text', at: 'long ago' },
      { _id: 'nothing', at: null },
      { _id: 'missing' },
      { _id: 'no dates', at: [1, 'x'] },
    ])
    now = start + 20 * second
    expect(await leftAfterPasses('things')).toEqual([
      'later dates',
      'missing',
      'no dates',
      'nothing',
      'number',
      'text',
    ])
  })

  test('that is partial minds only its part; a unique one is one too', async () => {
    const things = db.collection<Thing>('things')
    const partialFilterExpression = { kind: 'draft' }
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 5, partialFilterExpression, unique: true })
    await things.insertMany([
      { _id: 1, at: after(0), kind: 'draft' },
      { _id: 2, at: after(0), kind: 'order' },
    ])
    now = start + 60 * second
    expect(await leftAfterPasses('things')).toEqual([2])
  })

  test('removes thousands, and their entries in every index', async () => {
    const things = db.collection<Thing>('things')
    await things.createIndex({ at: 1 }, { expireAfterSeconds: 5 })
    await things.createIndex({ kind: 1 })
    await things.insertMany(
      Array.from({ length: 3_000 }, (_, i) => ({ _id: i, at: after(i % 2 === 0 ? 0 : 900), kind: 'x' })),
    )
    now = start + 60 * second
    expect(await leftAfterPasses('things')).toHaveLength(1_500)
    const validation = await db.command({ validate: 'things' })
    expect(validation).toMatchObject({
      valid: true,
      keysPerIndex: { _id_: 1_500, at_1: 1_500, kind_1: 1_500 },
    })
  })

  test('goes on after a restart', async () => {
    await db.collection<Thing>('things').createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    await db.collection<Thing>('things').insertOne({ _id: 1, at: after(0) })
    await end()
    now = start + 61 * second
    await begin()
    expect(await leftAfterPasses('things')).toEqual([])
  })

  test('is tried again at the next turn when a turn failed', async () => {
    const complaints = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    await end()
    let failing = true
    const broken = (): number => {
      if (failing) throw new Error('no clock')
      return start + 100 * second
    }
    node = await MongoDBNode.start({ db: directory, now: broken, ttlInterval: 1 })
    client = await MongoClient.connect(node.connectionString)
    db = client.db('t')
    await db.collection<Thing>('things').createIndex({ at: 1 }, { expireAfterSeconds: 60 })
    await db.collection<Thing>('things').insertOne({ _id: 1, at: after(0) })
    await vi.waitUntil(() => complaints.mock.calls.length > 1, { timeout: 10_000, interval: 2 })
    expect(complaints.mock.calls[0]?.join(' ')).toContain('no clock')
    expect(await db.collection('things').countDocuments()).toBe(1)
    failing = false
    expect(await leftAfterPasses('things')).toEqual([])
    complaints.mockRestore()
  })
})

test.each<[string, Record<string, 1>, unknown, number]>([
  ['of several fields', { at: 1, kind: 1 }, 60, 67],
  ['of a negative time', { at: 1 }, -1, 67],
  ['of a time beyond an int32', { at: 1 }, 2 ** 31, 67],
  ['of a time that is no number', { at: 1 }, 'soon', 67],
  ['on _id', { _id: 1 }, 60, 197],
])('a TTL index %s is refused', async (_, key, expireAfterSeconds, code) => {
  const index = { key, name: 'ttl', expireAfterSeconds }
  expect((await refusalOf(db.command({ createIndexes: 'things', indexes: [index] }))).code).toBe(code)
})
