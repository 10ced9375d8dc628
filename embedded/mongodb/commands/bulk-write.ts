import { toFields, toRaw, toTypedValue, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { listed } from '../engine/stream.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Commands, Context } from './command.ts'
import { operationFields } from './known-fields.ts'
import { checkNamespace } from './namespace.ts'
import { after, batchSizeOf, cursorReply } from './replies.ts'
import { checkBatchSize, runBatch, type Step, type Targeted } from './write-batch.ts'
import { insertWrite, type Outcome } from './write-operations.ts'
import { readDelete, readUpdate } from './writes.ts'

const cursorNamespace = 'admin.$cmd.bulkWrite'

export const bulkWriteCommands: Commands = {
  bulkWrite: async (args, context) => {
    const ops = args.documents('ops')
    checkBatchSize(ops.length)
    const namespaces = args
      .documents('nsInfo')
      .map((info) =>
        new Arguments('bulkWrite.nsInfo', info, undefined, operationFields.namespace).string('ns'),
      )
    namespaces.forEach(checkNamespace)
    const variables = args.optionalFields('let')
    const writes = ops.map((op) => readWrite(op, namespaces.length, variables))
    const steps = await runBatch(context, namespaces, writes, args.boolean('ordered', true))
    return reply(context, steps, args)
  },
}

function reply(
  { store, operation }: Context,
  steps: readonly Step[],
  args: Arguments,
): RawDocument | Promise<RawDocument> {
  const errorsOnly = args.boolean('errorsOnly', false)
  const shown = errorsOnly ? steps.filter(({ result }) => result instanceof MongoError) : steps
  const stream = listed(() => shown.map((step) => toRaw(entry(step))))
  const size = batchSizeOf(args) ?? Infinity
  const batch = store.cursors.start({ namespace: cursorNamespace, stream }, { size, operation })
  return after(batch, (taken) => cursorReply('firstBatch', cursorNamespace, taken, totals(steps)))
}

const kinds = new Map([
  ['insert', operationFields.bulkInsert],
  ['update', operationFields.bulkUpdate],
  ['delete', operationFields.bulkDelete],
])

function readWrite(raw: RawDocument, namespaces: number, variables: Fields | undefined): Targeted {
  const name = Arguments.commandOf(raw)
  const known = kinds.get(name)
  if (known === undefined)
    throw new MongoError(
      'BadValue',
      `Unrecognized bulkWrite op type '${name}' in ${JSON.stringify(toFields(raw))}`,
    )
  const args = new Arguments(`bulkWrite.ops.${name}`, raw, undefined, known)
  const target = args.number(name)
  if (!(target >= 0 && target < namespaces))
    throw new MongoError('BadValue', `BulkWrite ops entry has an invalid nsInfo index ${target}.`)
  if (name === 'insert') return { target, write: insertWrite(args.document('document')) }
  if (name === 'update')
    return { target, write: readUpdate(args, { filter: 'filter', update: 'updateMods' }, variables) }
  return { target, write: readDelete(args, 'filter', args.boolean('multi', false), variables) }
}

function totals(steps: readonly Step[]): Record<string, number> {
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
    ...(upsertedId && { upserted: { _id: toTypedValue(upsertedId) } }),
  }
}
