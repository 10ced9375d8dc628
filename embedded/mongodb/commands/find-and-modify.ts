import { fieldOf } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import { compileProjection } from '../engine/projection.ts'
import { parseSort } from '../engine/sort.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { namespaceOf } from './namespace.ts'
import { runBatch } from './write-batch.ts'
import { deleteWrite, updateWrite, type Outcome, type Write } from './write-operations.ts'

export const findAndModifyCommands: Commands = {
  findAndModify: async (args, context) => {
    const namespace = namespaceOf(context, args.collection())
    const write = readFindAndModify(args)
    const variables = args.optionalFields('let')
    const project = compileProjection(args.optionalDocument('fields'), {
      dialect: 'find',
      filter: args.filter('query'),
      variables,
    })
    const [step] = await runBatch(context, [namespace], [{ write, target: 0 }], true)
    if (step === undefined) throw new Error('a batch of one has one step')
    if (step.result instanceof MongoError) throw step.result
    const { before, after } = step.result
    const shown = args.boolean('new', false) ? after : before
    return reply(step.result, args.boolean('remove', false), shown && (project ? project(shown) : shown))
  },
}

export function readFindAndModify(args: Arguments): Write {
  args.refuseCollation()
  const removing = args.boolean('remove', false)
  const update = args.raw('update')
  const upsert = args.boolean('upsert', false)
  if (removing && update) throw failed('Cannot specify both an update and remove=true')
  if (removing && upsert) throw failed('Cannot specify both upsert=true and remove=true ')
  if (removing && args.boolean('new', false))
    throw failed("Cannot specify both new=true and remove=true; 'remove' always returns the deleted document")
  if (removing && args.optionalDocuments('arrayFilters').length > 0)
    throw failed('Cannot specify arrayFilters and remove=true')
  const selection = {
    filter: args.filter('query'),
    many: false,
    sort: parseSort(args.optionalDocument('sort')),
    hint: args.raw('hint'),
    variables: args.optionalFields('let'),
  }
  if (removing) return deleteWrite(selection)
  if (update === undefined) throw failed('Either an update or remove=true must be specified')
  const arrayFilters = args.optionalDocuments('arrayFilters')
  return updateWrite({ ...selection, update, upsert, arrayFilters, now: Date.now() })
}

function failed(why: string): MongoError {
  return new MongoError('FailedToParse', why)
}

function reply(
  { matched, after, upsertedId }: Outcome,
  removed: boolean,
  shown: RawDocument | undefined,
): RawDocument {
  const found = matched > 0
  const out = new BsonWriter().openDocument('lastErrorObject').int32('n', found || upsertedId ? 1 : 0)
  if (!removed) out.boolean('updatedExisting', found)
  const id = upsertedId && after && fieldOf(after, '_id')
  if (id) out.value('upserted', id)
  out.close()
  if (shown) out.document('value', shown)
  else out.null('value')
  return out.double('ok', 1).finish()
}
