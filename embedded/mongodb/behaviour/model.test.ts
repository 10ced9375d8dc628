import fc from 'fast-check'
import type { Collection } from 'mongodb'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { Model } from './model/model.ts'
import { onModel, onServer, operation, type Step } from './model/operations.ts'
import { filter, index, row, sort, type Fields, type Row } from './model/values.ts'
import { testServer } from './server.ts'

const server = testServer()

/** More runs for a longer look: MODEL_RUNS=5000. */
const numRuns = z.coerce.number().int().positive().default(100).parse(process.env['MODEL_RUNS'])

const indexing = new Set(['index', 'unindex'])
const question = fc.record({
  filter,
  sort,
  skip: fc.integer({ min: 0, max: 3 }),
  limit: fc.integer({ min: 1, max: 4 }),
})
type Question = typeof question extends fc.Arbitrary<infer T> ? T : never

/** All ways to ask for the same rows answer the same. */
async function answers(
  rows: Collection<Row>,
  model: Model,
  { filter, sort, skip, limit }: Question,
): Promise<void> {
  const matching = model.matching(filter)
  const ordered = model.sorted(matching, sort)
  const found = () => rows.find(filter).sort(sort)
  expect(await found().toArray()).toEqual(ordered)
  expect(await found().skip(skip).limit(limit).toArray()).toEqual(ordered.slice(skip, skip + limit))
  expect(await found().batchSize(2).toArray()).toEqual(ordered)
  expect(await rows.find(filter).hint({ $natural: 1 }).toArray()).toEqual(matching)
  expect(await rows.countDocuments(filter)).toBe(matching.length)
  expect(await rows.distinct('_id', filter)).toEqual(matching.map(({ _id }) => _id).toSorted((a, b) => a - b))
  const stages = [
    { $match: filter },
    { $sort: sort },
    { $skip: skip },
    { $limit: limit },
    { $project: { _id: 1 } },
  ]
  expect(await rows.aggregate(stages).toArray()).toEqual(
    ordered.slice(skip, skip + limit).map(({ _id }) => ({ _id })),
  )
  await hinted(rows, model, filter, matching)
}

/** Whichever index is used: one with every row must not change what is found. */
async function hinted(
  rows: Collection<Row>,
  model: Model,
  filter: Fields,
  matching: readonly Row[],
): Promise<void> {
  const ids = (all: readonly Row[]): number[] => all.map(({ _id }) => _id).toSorted((a, b) => a - b)
  for (const { key, sparse, partialFilterExpression } of model.indexes)
    if (!sparse && !partialFilterExpression)
      expect(ids(await rows.find(filter).hint(key).toArray())).toEqual(ids(matching))
}

async function run(
  rows: Collection<Row>,
  first: readonly Row[],
  steps: readonly Step[],
  questions: readonly Question[],
): Promise<void> {
  const model = new Model()
  for (const row of first) model.insert(row)
  if (first.length > 0) await rows.insertMany(first.map((row) => ({ ...row })))
  for (const [i, step] of steps.entries()) {
    const expected = onModel(model, step)
    if (expected !== undefined) expect(await onServer(server().client, rows, step)).toEqual(expected)
    const asked = questions[i % questions.length]
    if (asked && i % 8 === 7) await answers(rows, model, asked)
  }
  for (const asked of questions) await answers(rows, model, asked)
  expect(await rows.find().hint({ $natural: -1 }).toArray()).toEqual(model.rows.toReversed())
}

let runs = 0

test(
  'a collection, with indexes and without, is what a plain array is',
  { timeout: numRuns * 5_000 },
  async () => {
    const { db } = server()
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { maxLength: 14, size: 'max' }),
        fc.array(operation, { minLength: 1, maxLength: 24, size: 'max' }),
        fc.uniqueArray(index, { maxLength: 5, selector: ({ key }) => JSON.stringify(key), size: 'max' }),
        fc.array(question, { minLength: 1, maxLength: 6, size: 'max' }),
        async (fields, later, indexes, questions) => {
          const steps: Step[] = [...indexes.map((one) => ({ kind: 'index' as const, index: one })), ...later]
          const first = fields.map((one, _id) => ({ _id, ...one }))
          const [plain, indexed] = [
            db.collection<Row>(`plain${++runs}`),
            db.collection<Row>(`indexed${runs}`),
          ]
          const unindexed = steps.filter(({ kind }) => !indexing.has(kind))
          await Promise.all([run(plain, first, unindexed, questions), run(indexed, first, steps, questions)])
          await Promise.all([plain.drop(), indexed.drop()])
        },
      ),
      { numRuns },
    )
  },
)
