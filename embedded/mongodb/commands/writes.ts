import { toTypedValue, type Fields } from '../bson/codec.ts'
import { parseSort } from '../engine/sort.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Commands, Context } from './command.ts'
import { operationFields } from './known-fields.ts'
import { namespaceOf } from './namespace.ts'
import { ok, writeError } from './replies.ts'
import { checkBatchSize, runBatch, type Step } from './write-batch.ts'
import { deleteWrite, insertWrite, updateWrite, type Outcome, type Write } from './write-operations.ts'

export const writeCommands: Commands = {
  insert: async (args, context) => {
    const steps = await write(args, context, args.documents('documents').map(insertWrite))
    return ok({ n: outcomes(steps).length, ...errorsOf(steps) })
  },

  update: async (args, context) => {
    const steps = await write(args, context, readUpdates(args))
    const done = outcomes(steps)
    const upserted = steps.flatMap(({ index, result }) =>
      'upsertedId' in result && result.upsertedId ? [{ index, _id: toTypedValue(result.upsertedId) }] : [],
    )
    return ok({
      n: sum(done.map(({ matched }) => matched)) + upserted.length,
      nModified: sum(done.map(({ modified }) => modified)),
      ...(upserted.length > 0 && { upserted }),
      ...errorsOf(steps),
    })
  },

  delete: async (args, context) => {
    const steps = await write(args, context, readDeletes(args))
    return ok({ n: sum(outcomes(steps).map(({ matched }) => matched)), ...errorsOf(steps) })
  },
}

export function readUpdates(args: Arguments): Write[] {
  const variables = args.optionalFields('let')
  return args
    .documents('updates')
    .map((raw) => new Arguments('update.updates', raw, undefined, operationFields.update))
    .map((update) => readUpdate(update, { filter: 'q', update: 'u' }, variables))
}

export function readDeletes(args: Arguments): Write[] {
  const variables = args.optionalFields('let')
  return args
    .documents('deletes')
    .map((raw) => new Arguments('delete.deletes', raw, undefined, operationFields.delete))
    .map((one) => {
      const limit = one.number('limit')
      if (limit !== 0 && limit !== 1)
        throw new MongoError(
          'FailedToParse',
          `The limit field in delete objects must be 0 or 1. Got ${limit}`,
        )
      return readDelete(one, 'q', limit === 0, variables)
    })
}

/** An update as `update` (q, u) and `bulkWrite` (filter, updateMods) spell it. */
export function readUpdate(
  args: Arguments,
  names: { readonly filter: string; readonly update: string },
  variables: Fields | undefined,
): Write {
  args.refuseCollation()
  return updateWrite({
    filter: args.document(names.filter),
    update: args.existing(names.update),
    many: args.boolean('multi', false),
    upsert: args.boolean('upsert', false),
    sort: parseSort(args.optionalDocument('sort')),
    arrayFilters: args.optionalDocuments('arrayFilters'),
    hint: args.raw('hint'),
    variables,
    now: Date.now(),
  })
}

export function readDelete(
  args: Arguments,
  filter: string,
  many: boolean,
  variables: Fields | undefined,
): Write {
  args.refuseCollation()
  return deleteWrite({ filter: args.document(filter), many, hint: args.raw('hint'), variables })
}

function write(args: Arguments, context: Context, writes: readonly Write[]): Promise<Step[]> {
  checkBatchSize(writes.length)
  const ordered = args.boolean('ordered', true)
  const targeted = writes.map((one) => ({ write: one, target: 0 }))
  return runBatch(context, [namespaceOf(context, args.collection())], targeted, ordered)
}

function outcomes(steps: readonly Step[]): Outcome[] {
  return steps.flatMap(({ result }) => (result instanceof MongoError ? [] : [result]))
}

function errorsOf(steps: readonly Step[]): Fields {
  const writeErrors = steps.flatMap(({ index, result }) =>
    result instanceof MongoError ? [writeError(index, result)] : [],
  )
  return writeErrors.length > 0 ? { writeErrors } : {}
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
