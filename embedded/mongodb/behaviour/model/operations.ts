import fc from 'fast-check'
import {
  MongoClientBulkWriteError,
  MongoServerError,
  type AnyClientBulkWriteModel,
  type Collection,
  type Document,
  type MongoClient,
} from 'mongodb'
import { isDeepStrictEqual } from 'node:util'
import { untyped } from '../server.ts'
import type { Model } from './model.ts'
import { Refusal } from './updating.ts'
import { anyUpdate, byId, filter, id, index, mildUpdate, row, type Row } from './values.ts'

const single = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), id, row }),
  fc.record({ kind: fc.constant('put' as const), id, row }),
  fc.record({ kind: fc.constant('change' as const), id, update: anyUpdate }),
  fc.record({ kind: fc.constant('drop' as const), id }),
)
const singles = fc.array(single, { minLength: 1, maxLength: 6 })

/** One step of a run. */
export const operation = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('bulk' as const), ordered: fc.boolean(), steps: singles }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('updateOne' as const), filter, update: anyUpdate, sort: byId }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('updateMany' as const), filter, update: mildUpdate }),
  },
  fc.record({ kind: fc.constant('deleteMany' as const), filter }),
  fc.record({ kind: fc.constant('take' as const), filter, sort: byId }),
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('modify' as const), filter, update: anyUpdate, sort: byId }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('index' as const), index }) },
  fc.record({ kind: fc.constant('unindex' as const), index }),
)

type Single = typeof single extends fc.Arbitrary<infer T> ? T : never
export type Step = typeof operation extends fc.Arbitrary<infer T> ? T : never

/** What a step answers, or the code with which it is refused. Undefined: the step makes no sense here, and isn't done. */
export type Answer = Document | { readonly refused: unknown } | undefined

export function onModel(model: Model, step: Step): Answer {
  const rows = model.rows
  try {
    return answered(model, step)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    // How far an update of many comes before it is refused depends on the plan.
    if (step.kind !== 'updateMany') return { refused: error.code }
    model.rows = rows
    return undefined
  }
}

function answered(model: Model, step: Step): Answer {
  switch (step.kind) {
    case 'bulk':
      return bulk(model, step.steps, step.ordered)
    case 'updateOne': {
      const found = model.first(step.filter, step.sort._id)
      return found ? counted(1, changed(found, model.update(found, step.update))) : counted(0, 0)
    }
    case 'updateMany': {
      const found = model.matching(step.filter)
      const modified = found.map((one) => changed(one, model.update(one, step.update)))
      return counted(
        found.length,
        modified.reduce((sum, one) => sum + one, 0),
      )
    }
    case 'deleteMany': {
      const found = model.matching(step.filter)
      for (const one of found) model.remove(one)
      return { deleted: found.length }
    }
    case 'take': {
      const found = model.first(step.filter, step.sort._id)
      if (found) model.remove(found)
      return { document: found ?? null }
    }
    case 'modify': {
      const found = model.first(step.filter, step.sort._id)
      return { document: found ? model.update(found, step.update) : null }
    }
    case 'index':
      return model.has(step.index) ? undefined : { made: model.addIndex(step.index) }
    default:
      return model.has(step.index) ? { dropped: model.dropIndex(step.index) } : undefined
  }
}

const counted = (matched: number, modified: number): Answer => ({ matched, modified })
const changed = (before: Row, after: Row): number =>
  Number(!isDeepStrictEqual(structuredClone(before), structuredClone(after)))

function bulk(model: Model, steps: readonly Single[], ordered: boolean): Answer {
  const counts = { inserted: 0, matched: 0, modified: 0, upserted: 0, deleted: 0 }
  const errors: [index: number, code: number][] = []
  for (const [place, step] of steps.entries()) {
    try {
      one(model, step, counts)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      errors.push([place, error.code])
      if (ordered) break
    }
  }
  return { ...counts, errors }
}

function one(
  model: Model,
  step: Single,
  counts: Record<'inserted' | 'matched' | 'modified' | 'upserted' | 'deleted', number>,
): void {
  const there = model.rows.find(({ _id }) => _id === step.id)
  if (step.kind === 'insert') {
    model.insert({ _id: step.id, ...step.row })
    counts.inserted++
  } else if (step.kind === 'drop') {
    if (there) model.remove(there)
    counts.deleted += there ? 1 : 0
  } else if (there) {
    const next = step.kind === 'put' ? { _id: step.id, ...step.row } : undefined
    if (next) model.replace(there, next)
    const after = next ?? (step.kind === 'change' ? model.update(there, step.update) : there)
    counts.matched++
    counts.modified += changed(there, after)
  } else if (step.kind === 'put') {
    model.insert({ _id: step.id, ...step.row })
    counts.upserted++
  }
}

export async function onServer(client: MongoClient, rows: Collection<Row>, step: Step): Promise<Answer> {
  try {
    return await asked(client, rows, step)
  } catch (error) {
    if (error instanceof MongoServerError) return { refused: error.code }
    throw error
  }
}

async function asked(client: MongoClient, rows: Collection<Row>, step: Step): Promise<Answer> {
  switch (step.kind) {
    case 'bulk':
      return bulkWrite(client, rows, step.steps, step.ordered)
    case 'updateOne': {
      const { matchedCount, modifiedCount } = await rows.updateOne(step.filter, untyped(step.update), {
        sort: step.sort,
      })
      return counted(matchedCount, modifiedCount)
    }
    case 'updateMany': {
      const { matchedCount, modifiedCount } = await rows.updateMany(step.filter, untyped(step.update))
      return counted(matchedCount, modifiedCount)
    }
    case 'deleteMany':
      return { deleted: (await rows.deleteMany(step.filter)).deletedCount }
    case 'take':
      return { document: await rows.findOneAndDelete(step.filter, { sort: step.sort }) }
    case 'modify':
      return {
        document: await rows.findOneAndUpdate(step.filter, untyped(step.update), {
          sort: step.sort,
          returnDocument: 'after',
        }),
      }
    case 'index': {
      const { key, ...options } = step.index
      return { made: await rows.createIndex(key, options) }
    }
    default: {
      const { key } = step.index
      const name = Object.entries(key).flat().join('_')
      await rows.dropIndex(name)
      return { dropped: name }
    }
  }
}

/**
 * Across collections (though it is one): of a bulk write of one collection the driver changes the order, unless it is
 * an ordered one.
 */
async function bulkWrite(
  client: MongoClient,
  rows: Collection<Row>,
  steps: readonly Single[],
  ordered: boolean,
): Promise<Answer> {
  const models = steps.map((step) => written(rows.namespace, step))
  const outcome = await client.bulkWrite(models, { ordered }).catch((error: unknown) => {
    if (error instanceof MongoClientBulkWriteError) return error
    throw error
  })
  const failed = outcome instanceof MongoClientBulkWriteError
  const result = failed ? outcome.partialResult : outcome
  return {
    inserted: result?.insertedCount ?? 0,
    matched: result?.matchedCount ?? 0,
    modified: result?.modifiedCount ?? 0,
    upserted: result?.upsertedCount ?? 0,
    deleted: result?.deletedCount ?? 0,
    errors: failed ? [...outcome.writeErrors].map(([index, { code }]) => [index, code]) : [],
  }
}

function written(namespace: string, step: Single): AnyClientBulkWriteModel<Document> {
  const filter = untyped({ _id: step.id })
  switch (step.kind) {
    case 'insert':
      return { namespace, name: 'insertOne', document: untyped({ _id: step.id, ...step.row }) }
    case 'put':
      return { namespace, name: 'replaceOne', filter, replacement: step.row, upsert: true }
    case 'change':
      return { namespace, name: 'updateOne', filter, update: untyped(step.update) }
    default:
      return { namespace, name: 'deleteOne', filter }
  }
}
