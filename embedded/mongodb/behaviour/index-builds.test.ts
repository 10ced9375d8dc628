import type { Collection } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { refusalOf, testServer } from './server.ts'

interface Row {
  _id: number
  n: number
  tags?: string[]
}

const server = testServer()
let made = 0

/** Enough that a build takes many turns. */
const many = 8_000

async function filled(
  row: (i: number) => Row = (i) => ({ _id: i, n: (i * 7_919) % many }),
): Promise<Collection<Row>> {
  const rows = server().db.collection<Row>(`builds-${++made}`)
  await rows.insertMany(Array.from({ length: many }, (_, i) => row(i)))
  return rows
}

const indexNames = async (rows: Collection<Row>): Promise<unknown[]> =>
  (await rows.indexes()).map(({ name }) => name)

/** All documents by the index, in its order. */
const byIndex = (rows: Collection<Row>): Promise<Row[]> =>
  rows
    .find({ n: { $gte: 0 } })
    .sort({ n: 1 })
    .toArray()

async function expectAgreeing(rows: Collection<Row>): Promise<void> {
  expect(await server().db.command({ validate: rows.collectionName })).toMatchObject({
    valid: true,
    errors: [],
  })
  const all = await rows.find().sort({ $natural: 1 }).toArray()
  expect(await byIndex(rows)).toEqual(all.toSorted((a, b) => a.n - b.n))
}

/** Runs until the promise is settled, so something of it always happens in between. */
async function meanwhile(
  building: Promise<unknown>,
  work: (round: number) => Promise<unknown>,
): Promise<number> {
  const state = { over: false }
  const ended = Promise.allSettled([building]).then(() => (state.over = true))
  let rounds = 0
  while (!state.over) await work(rounds++)
  await ended
  return rounds
}

describe('while an index is built', () => {
  test('reads and writes go on, and nothing of them is missing from it', async () => {
    const rows = await filled()
    const building = rows.createIndex({ n: 1 })
    const rounds = await meanwhile(building, async (round) => {
      await rows.insertOne({ _id: many + round, n: round })
      await rows.updateOne({ _id: (round * 37) % many }, { $inc: { n: many } })
      await rows.deleteOne({ _id: (round * 53 + 1) % many })
      await rows.replaceOne({ _id: many - 1 - round }, { n: -1, tags: ['x'] })
      expect((await rows.findOne({ n: 5 }))?.n ?? 5).toBe(5)
    })
    await building
    expect(rounds).toBeGreaterThan(1)
    await rows.updateMany({ n: -1 }, { $set: { n: 3 } })
    await expectAgreeing(rows)
  })

  test('nobody sees it', async () => {
    const rows = await filled()
    const building = rows.createIndex({ n: 1 }, { name: 'by-n' })
    const seen: unknown[][] = []
    await meanwhile(building, async () => seen.push(await indexNames(rows)))
    expect(seen[0]).toEqual(['_id_'])
    expect(await indexNames(rows)).toEqual(['_id_', 'by-n'])
  })

  test('arrays that come late make it an index of arrays', async () => {
    const rows = await filled((i) => ({ _id: i, n: i }))
    const building = rows.createIndex({ tags: 1 })
    await meanwhile(building, (round) => rows.updateOne({ _id: round }, { $set: { tags: ['a', 'b'] } }))
    await building
    const tagged = await rows.countDocuments({ n: { $gte: 0 }, tags: { $exists: true } })
    expect(await rows.find({ tags: { $gte: 'a' } }).toArray()).toHaveLength(tagged)
    expect(await server().db.command({ validate: rows.collectionName })).toMatchObject({ valid: true })
  })

  test('the same one asked for twice is built once; another one waits for it', async () => {
    const rows = await filled()
    const answers = await Promise.all([
      rows.createIndex({ n: 1 }),
      rows.createIndex({ n: 1 }),
      rows.createIndex({ n: -1 }),
    ])
    expect(answers).toEqual(['n_1', 'n_1', 'n_-1'])
    expect(await indexNames(rows)).toEqual(['_id_', 'n_1', 'n_-1'])
    await expectAgreeing(rows)
  })
})

describe('a unique index in the making', () => {
  const refusal = { code: 11000, response: { keyPattern: { n: 1 } } }

  test('ends at a duplicate, and leaves nothing', async () => {
    const rows = await filled((i) => ({ _id: i, n: i === many - 1 ? 4 : i }))
    expect(await refusalOf(rows.createIndex({ n: 1 }, { unique: true }))).toMatchObject({
      ...refusal,
      response: { keyPattern: { n: 1 }, keyValue: { n: 4 } },
    })
    expect(await indexNames(rows)).toEqual(['_id_'])
    await rows.insertOne({ _id: many, n: 4 })
    await rows.deleteMany({ n: 4 })
    await rows.createIndex({ n: 1 }, { unique: true })
    expect((await refusalOf(rows.insertOne({ _id: many, n: 5 }))).code).toBe(11000)
    await expectAgreeing(rows)
  })

  test('ends at a duplicate that is written meanwhile; the write stands', async () => {
    const rows = await filled((i) => ({ _id: i, n: i }))
    const building = refusalOf(rows.createIndex({ n: 1 }, { unique: true }))
    await rows.insertOne({ _id: many, n: 17 })
    expect(await building).toMatchObject(refusal)
    expect(await rows.countDocuments({ n: 17 })).toBe(2)
    expect(await indexNames(rows)).toEqual(['_id_'])
  })

  test('lets values move from one document to another', async () => {
    const rows = await filled((i) => ({ _id: i, n: i }))
    const building = rows.createIndex({ n: 1 }, { unique: true })
    const swap = async (a: number, b: number): Promise<void> => {
      await rows.updateOne({ _id: a }, { $set: { n: many + a } })
      await rows.updateOne({ _id: b }, { $set: { n: a } })
      await rows.updateOne({ _id: a }, { $set: { n: b } })
    }
    await meanwhile(building, (round) => swap(round, many - 1 - round))
    await building
    await expectAgreeing(rows)
  })
})

describe('ends without a trace', () => {
  test.each([
    ['dropped by its name', (rows: Collection<Row>) => rows.dropIndex('n_1')],
    ['dropped with all others', (rows: Collection<Row>) => rows.dropIndexes()],
    ['dropped with its collection', (rows: Collection<Row>) => rows.drop()],
  ])('an index that is %s', async (_, drop) => {
    const rows = await filled()
    const building = refusalOf(rows.createIndex({ n: 1 }))
    await rows.countDocuments({ n: 1 })
    await drop(rows)
    expect((await building).code).toBe(276)
    await rows.insertOne({ _id: many, n: 1 })
    expect(await indexNames(rows)).toEqual(['_id_'])
  })
})

test('a collection is not renamed while an index of it is built', async () => {
  const rows = await filled()
  const building = rows.createIndex({ n: 1 })
  await rows.countDocuments({ n: 1 })
  expect((await refusalOf(rows.rename(`renamed-${made}`))).code).toBe(12587)
  await building
  await rows.rename(`renamed-${made}`)
})

test('indexes asked for together are made together, or not at all', async () => {
  const rows = await filled((i) => ({ _id: i, n: i % 100 }))
  const both = [{ key: { tags: 1 } }, { key: { n: 1 }, unique: true }] as const
  expect(
    (await refusalOf(rows.createIndexes(both.map((one) => ({ ...one, key: { ...one.key } }))))).code,
  ).toBe(11000)
  expect(await indexNames(rows)).toEqual(['_id_'])
})
