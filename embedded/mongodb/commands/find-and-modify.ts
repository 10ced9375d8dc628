import { toFields } from '../bson/codec.ts'
import { fieldOf } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import type { Collection } from '../engine/collection.ts'
import { compileFilter } from '../engine/filter.ts'
import { compileProjection } from '../engine/projection.ts'
import { findAll } from '../engine/query.ts'
import { parseSort } from '../engine/sort.ts'
import { applyUpdate, parseUpdate } from '../engine/update/update.ts'
import { documentToInsert } from '../engine/update/upsert.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { namespaceOf } from './namespace.ts'

/** What the one document was and became; neither if there was none. */
interface Change {
  readonly before?: RawDocument | undefined
  readonly after?: RawDocument | undefined
}

export const findAndModifyCommands: Commands = {
  findAndModify: async (args, context) => {
    const namespace = namespaceOf(context, args.string('findAndModify'))
    const removing = args.boolean('remove', false)
    const answerNew = args.boolean('new', false)
    if (removing && (args.has('update') || answerNew || args.boolean('upsert', false)))
      throw new MongoError('FailedToParse', 'Cannot specify remove together with an update, new or upsert')
    const decide = removing ? remover(args) : updater(args)
    const project = compileProjection(args.optionalDocument('fields')) ?? same
    const change = await context.store.write([namespace], ([collection]) =>
      collection ? attempt(decide, collection) : {},
    )
    if (change instanceof MongoError) throw change
    const shown = answerNew ? change.after : change.before
    return reply(change, shown && project(shown))
  },
}

/** A refusal leaves the transaction as an answer: thrown, it would undo what others write in it. */
function attempt(decide: (collection: Collection) => Change, collection: Collection): Change | MongoError {
  try {
    return decide(collection)
  } catch (error) {
    if (error instanceof MongoError) return error
    throw error
  }
}

function remover(args: Arguments): (collection: Collection) => Change {
  const filter = compileFilter(args.filter('query'))
  const sort = parseSort(args.optionalDocument('sort'))
  return (collection) => {
    const [found] = findAll(collection, filter, sort, 1)
    if (found) collection.remove(found.record, found.document)
    return { before: found?.document }
  }
}

function updater(args: Arguments): (collection: Collection) => Change {
  const filter = compileFilter(args.filter('query'))
  const sort = parseSort(args.optionalDocument('sort'))
  const raw = args.raw('update')
  if (raw === undefined)
    throw new MongoError('FailedToParse', 'Either an update or remove=true must be specified')
  const update = parseUpdate(raw, args.optionalDocuments('arrayFilters').map(toFields))
  const upsert = args.boolean('upsert', false)
  return (collection) => {
    const [found] = findAll(collection, filter, sort, 1)
    if (found) {
      const after = applyUpdate(update, found.document, filter)
      if (after !== found.document) collection.replace(found.record, found.document, after)
      return { before: found.document, after }
    }
    if (!upsert) return {}
    const after = documentToInsert(filter, update)
    collection.insert(after)
    return { after }
  }
}

function reply({ before, after }: Change, shown: RawDocument | undefined): RawDocument {
  const out = new BsonWriter().openDocument('lastErrorObject').int32('n', before || after ? 1 : 0)
  if (after) {
    out.boolean('updatedExisting', before !== undefined)
    const id = before === undefined ? fieldOf(after, '_id') : undefined
    if (id) out.value('upserted', id)
  } else if (before === undefined) out.boolean('updatedExisting', false)
  out.close()
  if (shown) out.document('value', shown)
  else out.null('value')
  return out.double('ok', 1).finish()
}

function same(document: RawDocument): RawDocument {
  return document
}
