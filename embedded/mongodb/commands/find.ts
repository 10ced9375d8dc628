import { compileFilter } from '../engine/filter.ts'
import { compileProjection } from '../engine/projection.ts'
import { listed, runQuery, type ResultStream } from '../engine/query.ts'
import { parseSort } from '../engine/sort.ts'
import type { Arguments } from './arguments.ts'
import type { Commands, Context } from './command.ts'
import { namespaceOf } from './namespace.ts'
import { cursorReply, ok } from './replies.ts'

export const findCommands: Commands = {
  find: (args, context) => {
    const namespace = namespaceOf(context, args.string('find'))
    // A negative limit is an older driver's way to say singleBatch.
    const limit = args.optionalNumber('limit') ?? 0
    const single = args.boolean('singleBatch', false) || limit < 0
    const stream = streamOf(args, context, namespace, Math.abs(limit))
    const shape = compileProjection(args.optionalDocument('projection'))
    const { id, batch } = context.store.cursors.start(
      { namespace, stream, ...(shape && { shape }) },
      args.count('batchSize'),
      single,
    )
    return cursorReply('firstBatch', namespace, id, batch)
  },

  getMore: (args, context) => {
    const namespace = namespaceOf(context, args.string('collection'))
    const { id, batch } = context.store.cursors.next(
      args.int64('getMore'),
      namespace,
      args.count('batchSize') || undefined,
    )
    return cursorReply('nextBatch', namespace, id, batch)
  },

  killCursors: (args, { store }) => {
    const ids = args.int64s('cursors')
    const cursorsKilled = ids.filter((id) => store.cursors.kill(id))
    const cursorsNotFound = ids.filter((id) => !cursorsKilled.includes(id))
    return ok({ cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [] })
  },
}

function streamOf(args: Arguments, { store }: Context, namespace: string, limit: number): ResultStream {
  args.refuseCollation()
  const filter = compileFilter(args.filter('filter'))
  const sort = parseSort(args.optionalDocument('sort'))
  const skip = args.count('skip') ?? 0
  const collection = store.catalog.get(namespace)
  if (collection === undefined) return listed(() => [])
  return runQuery(collection, { filter, sort, skip, limit })
}
