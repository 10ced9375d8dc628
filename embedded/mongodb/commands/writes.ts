import { toFields, toValue, type Fields } from '../bson/codec.ts'
import { parseSort } from '../engine/sort.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Commands, Context } from './command.ts'
import { namespaceOf } from './namespace.ts'
import { ok, writeError } from './replies.ts'
import { checkBatchSize, runBatch, type Step } from './write-batch.ts'
import { deleteOperation, insertOperation, updateOperation, type Operation } from './write-operations.ts'

export const writeCommands: Commands = {
  insert: async (args, context) => {
    const steps = await write(
      args,
      context,
      args.string('insert'),
      args.documents('documents').map(insertOperation),
    )
    return ok({ n: outcomes(steps).length, ...errorsOf(steps) })
  },

  update: async (args, context) => {
    const operations = args
      .documents('updates')
      .map((raw) => readUpdate(new Arguments('update.updates', raw), 'q', 'u'))
    const steps = await write(args, context, args.string('update'), operations)
    const done = outcomes(steps)
    const upserted = steps.flatMap(({ index, result }) =>
      'upsertedId' in result && result.upsertedId ? [{ index, _id: toValue(result.upsertedId) }] : [],
    )
    return ok({
      n: sum(done.map(({ matched }) => matched)) + upserted.length,
      nModified: sum(done.map(({ modified }) => modified)),
      ...(upserted.length > 0 && { upserted }),
      ...errorsOf(steps),
    })
  },

  delete: async (args, context) => {
    const operations = args
      .documents('deletes')
      .map((raw) => readDelete(new Arguments('delete.deletes', raw)))
    const steps = await write(args, context, args.string('delete'), operations)
    return ok({ n: sum(outcomes(steps).map(({ matched }) => matched)), ...errorsOf(steps) })
  },
}

/** An update as `update` (q, u) and `bulkWrite` (filter, updateMods) spell it. */
export function readUpdate(args: Arguments, filterName: string, updateName: string): Operation {
  const update = args.raw(updateName)
  if (update === undefined)
    throw new MongoError('IDLFailedToParse', `BSON field '${updateName}' is missing but a required field`)
  args.refuseCollation()
  return updateOperation({
    filter: args.document(filterName),
    update,
    multi: args.boolean('multi', false),
    upsert: args.boolean('upsert', false),
    sort: parseSort(args.optionalDocument('sort')),
    arrayFilters: args.optionalDocuments('arrayFilters').map(toFields),
  })
}

function readDelete(args: Arguments): Operation {
  const limit = args.number('limit')
  if (limit !== 0 && limit !== 1)
    throw new MongoError('FailedToParse', `The limit field in delete objects must be 0 or 1. Got ${limit}`)
  return deleteOperation(args.document('q'), limit)
}

function write(
  args: Arguments,
  context: Context,
  collection: string,
  operations: readonly Operation[],
): Promise<Step[]> {
  checkBatchSize(operations.length)
  const ordered = args.boolean('ordered', true)
  const targeted = operations.map((operation) => ({ operation, target: 0 }))
  return context.store.write([namespaceOf(context, collection)], (collections) =>
    runBatch(targeted, collections, ordered),
  )
}

function outcomes(steps: readonly Step[]): Exclude<Step['result'], MongoError>[] {
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
