import type { Document } from 'mongodb'
import { beforeAll, describe, expect, test } from 'vitest'
import { leafOf, planOf, stagesOf, statsOf } from './plans.ts'
import { refusalOf, testServer, untyped } from './server.ts'

interface Order {
  _id: number
  customer: string
  status: string
  at: number
  tags: string[]
}

const server = testServer()
const customers = 50
const rows: Order[] = Array.from({ length: 2_000 }, (_, _id) => ({
  _id,
  customer: `c${_id % customers}`,
  status: _id % 10 === 0 ? 'FAILED' : 'PAID',
  at: _id,
  tags: [`t${_id % 7}`, `t${_id % 11}`],
}))
const orders = () => server().db.collection<Order>('orders')

beforeAll(async () => {
  await orders().insertMany(rows)
  await orders().createIndex({ customer: 1, at: -1 })
  await orders().createIndex({ status: 1 }, { name: 'by status' })
  await orders().createIndex({ tags: 1 })
  await orders().createIndex({ at: 1 }, { partialFilterExpression: { status: 'FAILED' }, name: 'failed' })
})

describe('a plan', () => {
  test('of one _id is the express way', async () => {
    expect(planOf(await orders().find({ _id: 7 }).explain())).toMatchObject({ stage: 'EXPRESS_IXSCAN' })
  })

  test('without an index scans the collection, either way', async () => {
    const filter = { text: 'x' }
    expect(planOf(await orders().find(untyped(filter)).explain())).toMatchObject({
      stage: 'COLLSCAN',
      direction: 'forward',
      filter: { text: { $eq: 'x' } },
    })
    expect(planOf(await orders().find().sort({ $natural: -1 }).explain())).toMatchObject({
      stage: 'COLLSCAN',
      direction: 'backward',
    })
  })

  test('by an index tells its keys and bounds', async () => {
    const plan = planOf(
      await orders()
        .find({ customer: 'c1', at: { $gt: 5, $lte: 9 } })
        .explain(),
    )
    expect(stagesOf(plan)).toEqual(['FETCH', 'IXSCAN'])
    expect(leafOf(plan)).toMatchObject({
      keyPattern: { customer: 1, at: -1 },
      indexName: 'customer_1_at_-1',
      isMultiKey: false,
      direction: 'forward',
      indexBounds: { customer: ['["c1", "c1"]'], at: ['[9, 5)'] },
    })
  })

  test('of a page in the order of an index needs no sort', async () => {
    const page = orders().find({ customer: 'c1' })
    const forward = planOf(await page.clone().sort({ at: -1 }).limit(20).explain())
    expect(stagesOf(forward)).toEqual(['LIMIT', 'FETCH', 'IXSCAN'])
    const backward = planOf(await page.clone().sort({ at: 1 }).limit(20).explain())
    expect(stagesOf(backward)).toEqual(['LIMIT', 'FETCH', 'IXSCAN'])
    expect(leafOf(backward)).toMatchObject({
      direction: 'backward',
      indexBounds: { at: ['[MinKey, MaxKey]'] },
    })
  })

  test('of another order sorts, as many as the limit needs', async () => {
    const plan = planOf(
      await orders().find({ status: 'PAID' }).sort({ customer: 1, _id: 1 }).limit(5).explain(),
    )
    expect(stagesOf(plan)).toEqual(['SORT', 'FETCH', 'IXSCAN'])
    expect(plan).toMatchObject({ sortPattern: { customer: 1, _id: 1 }, limitAmount: 5 })
  })

  test('through an array says so', async () => {
    const plan = planOf(await orders().find({ tags: 't3' }).explain())
    expect(leafOf(plan)).toMatchObject({
      stage: 'IXSCAN',
      isMultiKey: true,
      indexBounds: { tags: ['["t3", "t3"]'] },
    })
  })

  test('of several values reads each of them', async () => {
    const plan = planOf(
      await orders()
        .find({ status: { $in: ['FAILED', 'LOST'] } })
        .explain(),
    )
    expect(leafOf(plan)).toMatchObject({
      indexBounds: { status: ['["FAILED", "FAILED"]', '["LOST", "LOST"]'] },
    })
  })

  test('of a partial index where the filter asks for no more', async () => {
    const within = planOf(
      await orders()
        .find({ status: 'FAILED', at: { $lt: 100 } })
        .hint('failed')
        .explain(),
    )
    expect(leafOf(within)).toMatchObject({ indexName: 'failed', isPartial: true })
    const beyond = planOf(
      await orders()
        .find({ at: { $lt: 100 } })
        .explain(),
    )
    expect(stagesOf(beyond)).toEqual(['COLLSCAN'])
  })

  test('of an $or takes an index for each branch', async () => {
    const either = { $or: [{ customer: 'c1' }, { status: 'FAILED' }] }
    const plan = planOf(await orders().find(either).explain())
    expect(stagesOf(plan).filter((stage) => stage === 'IXSCAN')).toHaveLength(2)
    expect(stagesOf(plan)).toContain('OR')
    const partly = planOf(
      await orders()
        .find(untyped({ $or: [{ customer: 'c1' }, { text: 1 }] }))
        .explain(),
    )
    expect(stagesOf(partly)).toContain('COLLSCAN')
  })

  test('of a projection and a skip', async () => {
    const plan = planOf(
      await orders()
        .find(untyped({ text: 1 }))
        .project({ at: 1 })
        .skip(3)
        .explain(),
    )
    expect(stagesOf(plan)).toEqual(['PROJECTION_SIMPLE', 'SKIP', 'COLLSCAN'])
  })
})

describe('a hint', () => {
  test('is followed, by name or by keys', async () => {
    for (const hint of ['by status', { status: 1 }] as const) {
      const plan = planOf(await orders().find({ customer: 'c1', status: 'PAID' }).hint(hint).explain())
      expect(leafOf(plan)).toMatchObject({ indexName: 'by status' })
    }
    const natural = planOf(await orders().find({ customer: 'c1' }).hint({ $natural: 1 }).explain())
    expect(stagesOf(natural)).toEqual(['COLLSCAN'])
  })

  test('changes no answer', async () => {
    const filter = { customer: 'c1', status: 'PAID' }
    const ids = async (hint?: string | Document) => {
      const found = orders().find(filter).sort({ _id: 1 })
      return (await (hint ? found.hint(hint) : found).toArray()).map(({ _id }) => _id)
    }
    const expected = await ids()
    for (const hint of ['by status', '_id_', 'customer_1_at_-1', { $natural: -1 }])
      expect(await ids(hint)).toEqual(expected)
    expect(await orders().countDocuments(filter, { hint: 'by status' })).toBe(expected.length)
  })

  test('at what is not there is refused', async () => {
    expect((await refusalOf(orders().find().hint('none').toArray())).code).toBe(2)
    expect((await refusalOf(orders().updateOne({}, { $set: { at: 1 } }, { hint: 'none' }))).code).toBe(2)
    expect((await refusalOf(orders().deleteOne({}, { hint: { none: 1 } }))).code).toBe(2)
  })
})

describe('statistics', () => {
  test('of one _id: one key, one document', async () => {
    expect(statsOf(await orders().find({ _id: 7 }).explain('executionStats'))).toMatchObject({
      nReturned: 1,
      totalKeysExamined: 1,
      totalDocsExamined: 1,
    })
  })

  test('of a page from an index: what it returns', async () => {
    const page = orders()
      .find({ customer: 'c1', at: { $lt: 1_500 } })
      .sort({ at: -1 })
      .limit(20)
    expect(statsOf(await page.explain('executionStats'))).toMatchObject({
      nReturned: 20,
      totalKeysExamined: 20,
      totalDocsExamined: 20,
    })
  })

  test('of a scan: everything', async () => {
    const stats = statsOf(await orders().find({ at: 7 }).explain('executionStats'))
    expect(stats).toMatchObject({ nReturned: 1, totalKeysExamined: 0, totalDocsExamined: rows.length })
    expect(stats.executionStages).toMatchObject({ stage: 'COLLSCAN', docsExamined: rows.length })
  })

  test('of a sort: what it looks at, not only what it returns', async () => {
    const sorted = orders().find({ status: 'FAILED' }).sort({ customer: 1 }).limit(3)
    expect(statsOf(await sorted.explain('executionStats'))).toMatchObject({
      nReturned: 3,
      totalDocsExamined: 200,
    })
  })
})

describe('explained and not done', () => {
  const explain = async (command: Document): Promise<Document> =>
    server().db.command({ explain: command, verbosity: 'executionStats' })

  test.each<[string, Document, Document]>([
    [
      'an update',
      {
        update: 'orders',
        updates: [{ q: { status: 'FAILED' }, u: { $set: { status: 'LOST' } }, multi: true }],
      },
      { stage: 'UPDATE', nMatched: 200, nWouldModify: 200 },
    ],
    [
      'an update that changes nothing',
      { update: 'orders', updates: [{ q: { _id: 1 }, u: { $set: { at: 1 } } }] },
      { stage: 'UPDATE', nMatched: 1, nWouldModify: 0 },
    ],
    [
      'a delete',
      { delete: 'orders', deletes: [{ q: { status: 'FAILED' }, limit: 0 }] },
      { stage: 'DELETE', nWouldDelete: 200 },
    ],
    [
      'find and modify',
      { findAndModify: 'orders', query: { _id: 1 }, update: { $inc: { at: 1 } } },
      { stage: 'UPDATE', nMatched: 1, nWouldModify: 1 },
    ],
  ])('%s', async (_, command, stages) => {
    expect(statsOf(await explain(command)).executionStages).toMatchObject(stages)
    expect(await orders().find().sort({ _id: 1 }).toArray()).toEqual(rows)
  })

  test('counting, and distinct values', async () => {
    expect(statsOf(await explain({ count: 'orders', query: { status: 'FAILED' } }))).toMatchObject({
      executionStages: { stage: 'COUNT' },
    })
    expect(
      statsOf(await explain({ distinct: 'orders', key: 'at', query: { customer: 'c1' } })),
    ).toMatchObject({
      totalKeysExamined: rows.length / customers,
    })
  })

  test('a collection that is not there', async () => {
    expect(planOf(await server().db.collection('nowhere').find().explain())).toEqual({ stage: 'EOF' })
  })
})

test('a pipeline that is a query is explained as one, another one stage by stage', async () => {
  const paged = await orders()
    .aggregate([{ $match: { customer: 'c1' } }, { $sort: { at: -1 } }, { $limit: 5 }])
    .explain('executionStats')
  expect(stagesOf(planOf(paged))).toEqual(['LIMIT', 'FETCH', 'IXSCAN'])
  expect(statsOf(paged)).toMatchObject({ nReturned: 5, totalDocsExamined: 5 })
})
