import { toFields, toRaw, toValue, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { listed } from '../engine/query.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { cursorReply } from './replies.ts'
import { checkBatchSize, runBatch, type Step, type Targeted } from './write-batch.ts'
import { deleteOperation, insertOperation, type Outcome } from './write-operations.ts'
import { readUpdate } from './writes.ts'

const cursorNamespace = 'admin.$cmd.bulkWrite'

export const bulkWriteCommands: Commands = {
  bulkWrite: async (args, { store, database }) => {
    if (database !== 'admin')
      throw new MongoError('IllegalOperation', 'bulkWrite may only be run against the admin database.')
    const ops = args.documents('ops')
    checkBatchSize(ops.length)
    const namespaces = args
      .documents('nsInfo')
      .map((info) => new Arguments('bulkWrite.nsInfo', info).string('ns'))
    const operations = ops.map((op) => readOperation(op, namespaces.length))
    const ordered = args.boolean('ordered', true)
    const steps = await store.write(namespaces, (collections) => runBatch(operations, collections, ordered))
    return reply(store, steps, args)
  },
}

type Cursors = Parameters<Commands[string]>[1]['store']

function reply(store: Cursors, steps: readonly Step[], args: Arguments): RawDocument {
  const errorsOnly = args.boolean('errorsOnly', false)
  const shown = errorsOnly ? steps.filter(({ result }) => result instanceof MongoError) : steps
  const batchSize = args.optionalDocument('cursor')
  const stream = listed(() => shown.map((step) => toRaw(entry(step))))
  const size = batchSize && new Arguments('bulkWrite.cursor', batchSize).count('batchSize')
  const { id, batch } = store.cursors.start({ namespace: cursorNamespace, stream }, size ?? Infinity, false)
  return cursorReply('firstBatch', cursorNamespace, id, batch, totals(steps))
}

function readOperation(raw: RawDocument, namespaces: number): Targeted {
  const name = Arguments.commandOf(raw)
  const args = new Arguments(`bulkWrite.ops.${name}`, raw)
  const target = args.number(name)
  if (!(target >= 0 && target < namespaces))
    throw new MongoError('BadValue', `BulkWrite ops entry has an invalid nsInfo index ${target}.`)
  switch (name) {
    case 'insert':
      return { target, operation: insertOperation(args.document('document')) }
    case 'update':
      return { target, operation: readUpdate(args, 'filter', 'updateMods') }
    case 'delete':
      return {
        target,
        operation: deleteOperation(args.document('filter'), args.boolean('multi', false) ? 0 : 1),
      }
    default:
      throw new MongoError('BadValue', `Unrecognized op type '${name}' in ${JSON.stringify(toFields(raw))}`)
  }
}

function totals(steps: readonly Step[]): Fields {
  const totals = { nErrors: 0, nInserted: 0, nMatched: 0, nModified: 0, nUpserted: 0, nDeleted: 0 }
  for (const { result } of steps) {
    if (result instanceof MongoError) totals.nErrors++
    else count(totals, result)
  }
  return totals
}

function count(
  totals: Record<'nInserted' | 'nMatched' | 'nModified' | 'nUpserted' | 'nDeleted', number>,
  outcome: Outcome,
): void {
  if (outcome.kind === 'insert') totals.nInserted++
  else if (outcome.kind === 'delete') totals.nDeleted += outcome.matched
  else {
    totals.nMatched += outcome.matched
    totals.nModified += outcome.modified
    if (outcome.upsertedId) totals.nUpserted++
  }
}

/** One line of the reply's cursor. */
function entry({ index: idx, result }: Step): Fields {
  if (result instanceof MongoError)
    return { ok: 0, idx, code: result.code, errmsg: result.message, ...result.details, n: 0, nModified: 0 }
  const { kind, matched, modified, upsertedId } = result
  if (kind === 'insert') return { ok: 1, idx, n: 1 }
  if (kind === 'delete') return { ok: 1, idx, n: matched }
  return {
    ok: 1,
    idx,
    n: matched + (upsertedId ? 1 : 0),
    nModified: modified,
    ...(upsertedId && { upserted: { _id: toValue(upsertedId) } }),
  }
}
