import { MongoClient, type Document } from 'mongodb'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { onAnotherServer, refusalOf, testServer } from './server.ts'

interface Row {
  _id: number
  n: number
  text: string
}

const server = testServer()
const count = 30_000
const rows = () => server().db.collection<Row>('rows')
const nothing = { text: { $regex: 'never there' } }

beforeAll(async () => {
  for (let from = 0; from < count; from += 10_000)
    await rows().insertMany(
      Array.from({ length: 10_000 }, (_, i) => ({ _id: from + i, n: i % 100, text: `text ${i}` })),
    )
  await rows().createIndex({ n: 1 })
})

/** Answers in the order in which the server gave them. */
async function inOrder(work: Readonly<Record<string, () => Promise<unknown>>>): Promise<string[]> {
  const order: string[] = []
  await Promise.all(Object.entries(work).map(([name, ask]) => ask().then(() => order.push(name))))
  return order
}

describe('who asks for little does not wait for who asks for much', () => {
  const ping = () => server().db.command({ ping: 1 })

  test.each<[string, () => Promise<unknown>]>([
    ['a scan', () => rows().find(nothing).toArray()],
    ['a count', () => rows().countDocuments(nothing)],
    ['distinct values', () => rows().distinct('text')],
    ['a sort', () => rows().find().sort({ text: 1 }).limit(10).toArray()],
    [
      'a group',
      () =>
        rows()
          .aggregate([{ $group: { _id: '$text', n: { $sum: '$n' } } }, { $limit: 1 }])
          .toArray(),
    ],
    ['an update that finds nothing', () => rows().updateMany(nothing, { $set: { n: 0 } })],
    ['a delete that finds nothing', () => rows().deleteOne(nothing)],
  ])('%s', async (_, much) => {
    expect(await inOrder({ much, little: ping })).toEqual(['little', 'much'])
  })
})

test('a pause in the middle loses nothing and repeats nothing', async () => {
  const found = await rows().find({ text: /1/ }).batchSize(5_000).toArray()
  const expected = Array.from({ length: count }, (_, _id) => _id).filter((_id) =>
    `text ${_id % 10_000}`.includes('1'),
  )
  expect(found.map(({ _id }) => _id)).toEqual(expected)
})

test('an update of many documents changes each of them once, also where an index leads it to them again', async () => {
  const moved = server().db.collection<{ _id: number; n: number }>('moved')
  await moved.insertMany(Array.from({ length: 5_000 }, (_, _id) => ({ _id, n: _id })))
  await moved.createIndex({ n: 1 })
  const result = await moved.updateMany({ n: { $gte: 0 } }, { $inc: { n: 3_000 } }, { hint: { n: 1 } })
  expect(result).toMatchObject({ matchedCount: 5_000, modifiedCount: 5_000 })
  const all = await moved.find().sort({ _id: 1 }).toArray()
  expect(all.every(({ _id, n }) => n === _id + 3_000)).toBe(true)
  expect((await moved.deleteMany({ n: { $gte: 0 } })).deletedCount).toBe(5_000)
})

test('concurrent updates of one document found by a scan lose none', async () => {
  const counters = server().db.collection<Row>('counters')
  await counters.insertMany(Array.from({ length: 20_000 }, (_, _id) => ({ _id, n: 0, text: `${_id}` })))
  await Promise.all(
    Array.from({ length: 8 }, () => counters.updateOne({ text: '19999' }, { $inc: { n: 1 } })),
  )
  expect(await counters.findOne({ _id: 19_999 })).toMatchObject({ n: 8 })
})

test('of several who take the same document from a scan, one gets it', async () => {
  const jobs = server().db.collection<Row & { taken?: boolean }>('jobs')
  await jobs.insertMany(
    Array.from({ length: 20_000 }, (_, _id) => ({ _id, n: _id < 19_995 ? 1 : 0, text: '' })),
  )
  const take = () => jobs.findOneAndUpdate({ n: 0, taken: { $exists: false } }, { $set: { taken: true } })
  const taken = await Promise.all(Array.from({ length: 8 }, take))
  const ids = taken.flatMap((job) => (job ? [job._id] : [])).toSorted((a, b) => a - b)
  expect(ids).toEqual([19_995, 19_996, 19_997, 19_998, 19_999])
})

test('of equal upserts that meet, one inserts and the others find what it inserted', async () => {
  const seats = server().db.collection<Row & { seat?: string }>('seats')
  await seats.insertMany(Array.from({ length: 10_000 }, (_, _id) => ({ _id, n: 0, text: '' })))
  const upsert = (_id: number) =>
    seats.updateOne(
      { seat: 'A1' },
      { $inc: { n: 1 }, $setOnInsert: { _id: 20_000 + _id, text: '' } },
      { upsert: true },
    )
  await Promise.all(Array.from({ length: 8 }, (_, i) => upsert(i)))
  expect(await seats.find({ seat: 'A1' }).toArray()).toMatchObject([{ n: 8 }])
})

describe('time', () => {
  test('is limited where the client wants it', async () => {
    const { code, response } = await refusalOf(rows().find(nothing).maxTimeMS(1).toArray())
    expect(code).toBe(50)
    expect(response).toMatchObject({ codeName: 'MaxTimeMSExpired' })
    const group = [{ $group: { _id: '$text' } }]
    expect((await refusalOf(rows().aggregate(group, { maxTimeMS: 1 }).toArray())).code).toBe(50)
    expect(await rows().find({ _id: 1 }).maxTimeMS(60_000).toArray()).toHaveLength(1)
  })
})

const operations = z.object({ inprog: z.array(z.looseObject({ opid: z.number(), ns: z.string() })) })

/** Every row with every row: it would take minutes. */
const endless: Document[] = [
  { $lookup: { from: 'rows', let: { n: '$n' }, pipeline: [{ $match: nothing }], as: 'others' } },
  { $match: { 'others.n': -1 } },
]

const running = async (): Promise<{ opid: number; ns: string }[]> => {
  const { inprog } = operations.parse(await server().client.db('admin').command({ currentOp: 1 }))
  return inprog.filter(({ ns }) => ns === rows().namespace)
}

test('what runs can be seen, and killed', async () => {
  const killed = refusalOf(rows().aggregate(endless).toArray())
  const [operation] = await vi.waitFor(async () => {
    const found = await running()
    expect(found).toHaveLength(1)
    return found
  })
  await server().client.db('admin').command({ killOp: 1, op: operation?.opid })
  expect(await killed).toMatchObject({ code: 11601, response: { codeName: 'Interrupted' } })
})

test('what a client asked for ends when it goes away', async () => {
  const client = await MongoClient.connect(server().url)
  const asked = client
    .db(server().db.databaseName)
    .collection('rows')
    .aggregate(endless)
    .toArray()
    .catch((error: unknown) => error)
  await vi.waitFor(async () => expect(await running()).toHaveLength(1))
  await client.close(true)
  await vi.waitFor(async () => expect(await running()).toEqual([]))
  expect(await asked).toBeInstanceOf(Error)
})

describe.skipIf(onAnotherServer)('memory is bounded: what would need more than 100 MB', () => {
  const large = () => server().db.collection<{ _id: number; text: string }>('large')

  beforeAll(async () => {
    for (let _id = 0; _id < 8; _id++)
      await large().insertOne({ _id, text: `${8 - _id}${'x'.repeat(14_000_000)}` })
  })

  test.each<[string, () => Promise<unknown>]>([
    ['a sort', () => large().find().sort({ text: 1 }).project({ _id: 1 }).toArray()],
    [
      'a sort of a pipeline',
      () =>
        large()
          .aggregate([{ $sort: { text: 1 } }, { $project: { _id: 1 } }])
          .toArray(),
    ],
    [
      'a group',
      () =>
        large()
          .aggregate([{ $group: { _id: null, all: { $push: '$text' } } }])
          .toArray(),
    ],
    [
      'facets',
      () =>
        large()
          .aggregate([{ $facet: { n: [{ $count: 'n' }] } }])
          .toArray(),
    ],
    [
      'a stage that holds its input',
      () =>
        large()
          .aggregate([{ $bucketAuto: { groupBy: '$_id', buckets: 2 } }])
          .toArray(),
    ],
  ])('%s is refused', async (_, ask) => {
    expect(await refusalOf(ask())).toMatchObject({
      code: 292,
      response: { codeName: 'QueryExceededMemoryLimitNoDiskUseAllowed' },
    })
  })

  test('a sort with a limit keeps only what it returns', async () => {
    const first = await large().find().sort({ text: 1 }).limit(2).project({ _id: 1 }).toArray()
    expect(first).toEqual([{ _id: 7 }, { _id: 6 }])
  })

  test('batches are of 16 MB at most, and nothing is lost between them', async () => {
    const found = await large().find().toArray()
    expect(found.map(({ _id }) => _id)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
  })

  test('distinct values are as many as fit into an answer', async () => {
    expect((await refusalOf(large().distinct('text'))).code).toBe(17217)
  })
})
