import { compileFilter } from '../engine/filter.ts'
import { compileProjection } from '../engine/projection.ts'
import { runQuery, type Query } from '../engine/query.ts'
import { listed } from '../engine/stream.ts'
import { parseSort } from '../engine/sort.ts'
import type { Collection } from '../engine/collection.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import type { Commands } from './command.ts'
import { resolveHint } from './hint.ts'
import { namespaceOf } from './namespace.ts'
import { after, cursorReply, ok } from './replies.ts'

export const findCommands: Commands = {
  find: (args, context) => {
    const { store, operation } = context
    const namespace = namespaceOf(context, args.collection())
    const collection = store.catalog.get(namespace)
    const query = readQuery(args, collection)
    const stream = collection ? runQuery(collection, query) : listed(() => [])
    const { raw: filter } = query.filter
    const variables = args.optionalFields('let')
    const shape = compileProjection(args.optionalDocument('projection'), {
      dialect: 'find',
      filter,
      variables,
    })
    const batch = store.cursors.start(
      { namespace, stream, ...(shape && { shape }) },
      { size: args.count('batchSize'), operation, single: args.boolean('singleBatch', false) },
    )
    return after(batch, (taken) => cursorReply('firstBatch', namespace, taken))
  },

  getMore: (args, context) => {
    const { store, operation } = context
    if (args.has('maxTimeMS'))
      throw new MongoError('BadValue', 'cannot set maxTimeMS on getMore command for a non-awaitData cursor')
    const namespace = namespaceOf(context, args.string('collection'))
    const size = args.count('batchSize') || undefined
    const batch = store.cursors.next(args.int64('getMore'), namespace, { size, operation })
    return after(batch, (taken) => cursorReply('nextBatch', namespace, taken))
  },

  killCursors: (args, { store }) => {
    args.collection()
    const ids = args.int64s('cursors')
    const cursorsKilled = ids.filter((id) => store.cursors.kill(id))
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id))
    return ok({ cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] })
  },
}

const unsupported = [
  'min',
  'max',
  'returnKey',
  'showRecordId',
  'resumeAfter',
  'startAt',
  'requestResumeToken',
]

/** The query of a `find`; a hint needs the collection to know its index. */
export function readQuery(args: Arguments, collection: Collection | undefined): Query {
  args.refuseCollation()
  if (args.boolean('tailable', false))
    throw new MongoError(
      'BadValue',
      'error processing query: tailable cursor requested on non capped collection',
    )
  if (args.boolean('awaitData', false))
    throw new MongoError('FailedToParse', 'Cannot set awaitData without tailable')
  const refused = unsupported.find((name) => args.has(name) && args.value(name) !== false)
  if (refused) throw new MongoError('BadValue', `find with ${refused} is not supported`)
  const hint = args.raw('hint')
  return {
    filter: compileFilter(args.filter('filter'), args.optionalFields('let')),
    sort: parseSort(args.optionalDocument('sort')),
    skip: args.count('skip') ?? 0,
    limit: args.count('limit') ?? 0,
    hint: collection && resolveHint(collection, hint),
  }
}
