import fc from 'fast-check'
import { find } from 'mingo'
import { expect, test } from 'vitest'
import { testServer } from './server.ts'

interface Row {
  _id: number
  [field: string]: unknown
}

const server = testServer()

const small = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 5 }) },
  { weight: 2, arbitrary: fc.constantFrom('a', 'b', 'c') },
  fc.constant(null),
  fc.boolean(),
)
const field = fc.oneof(
  { weight: 5, arbitrary: small },
  { weight: 1, arbitrary: fc.array(small, { maxLength: 3 }) },
)
const row = fc.record(
  { a: field, b: small, c: fc.record({ d: field }, { requiredKeys: [] }) },
  { requiredKeys: [] },
)
const id = fc.integer({ min: 0, max: 15 })

const scalar = small.filter((value) => value !== null)
const condition = fc.oneof(
  small,
  fc.record({ $in: fc.array(small, { maxLength: 3 }) }),
  fc.record({ $gt: scalar }),
  fc.record({ $gte: scalar, $lt: scalar }),
  fc.record({ $lte: scalar }),
  fc.record({ $ne: small }),
  fc.record({ $exists: fc.boolean() }),
)
const filter = fc.dictionary(fc.constantFrom('a', 'b', 'c.d', '_id'), condition, { maxKeys: 3 })
const direction = fc.constantFrom<1 | -1>(1, -1)
const sort = fc
  .constantFrom('a', 'b', 'c.d')
  .chain((name) => fc.tuple(direction, direction).map(([x, y]) => ({ [name]: x, _id: y })))

const operation = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), id, row }),
  fc.record({ kind: fc.constant('set' as const), filter, row }),
  fc.record({
    kind: fc.constant('delete' as const),
    filter: filter.filter((one) => Object.keys(one).length > 0),
  }),
)

type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** The same operations on plain rows: the model. */
function applied(rows: Row[], step: Operation): Row[] {
  if (step.kind === 'put')
    return [...rows.filter(({ _id }) => _id !== step.id), { _id: step.id, ...step.row }]
  const hit = new Set(
    find<Row>(rows, step.filter)
      .all()
      .map(({ _id }) => _id),
  )
  if (step.kind === 'delete') return rows.filter(({ _id }) => !hit.has(_id))
  return rows.map((one) => (hit.has(one._id) ? { ...one, ...step.row } : one))
}

const indexes = [{ a: 1 }, { b: -1, a: 1 }, { 'c.d': 1, b: 1 }, { b: 1, _id: -1 }] as const

test('indexes change no answer, and mingo over an array gives the same', { timeout: 60_000 }, async () => {
  const plain = server().db.collection<Row>('plain')
  const indexed = server().db.collection<Row>('indexed')
  for (const key of indexes) await indexed.createIndex(key)
  const questions = fc.array(fc.tuple(filter, sort), { minLength: 4, maxLength: 8 })
  await fc.assert(
    fc.asyncProperty(
      fc.array(operation, { minLength: 5, maxLength: 25 }),
      questions,
      async (operations, asked) => {
        let model: Row[] = []
        await Promise.all([plain.deleteMany({}), indexed.deleteMany({})])
        for (const step of operations) {
          model = applied(model, step)
          for (const collection of [plain, indexed]) {
            if (step.kind === 'put') await collection.replaceOne({ _id: step.id }, step.row, { upsert: true })
            else if (step.kind === 'delete') await collection.deleteMany(step.filter)
            else if (Object.keys(step.row).length > 0)
              await collection.updateMany(step.filter, { $set: step.row })
          }
        }
        for (const [filter, order] of asked) {
          const [one, other] = await Promise.all(
            [plain, indexed].map((all) => all.find(filter).sort(order).toArray()),
          )
          expect(other).toEqual(one)
          const expected = find<Row>(model, filter).all()
          expect(one?.toSorted((a, b) => a._id - b._id)).toEqual(expected.toSorted((a, b) => a._id - b._id))
          const page = await indexed.find(filter).sort(order).skip(1).limit(2).toArray()
          expect(page).toEqual(one?.slice(1, 3))
          expect(await indexed.find(filter).sort(order).batchSize(2).toArray()).toEqual(one)
        }
      },
    ),
    { numRuns: 60 },
  )
})
