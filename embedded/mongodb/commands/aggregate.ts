import { runPipeline } from '../engine/aggregate/pipeline.ts'
import { MongoError } from '../errors.ts'
import type { Commands } from './command.ts'
import { explainCommand } from './explain.ts'
import { readPipeline } from './read-pipeline.ts'
import { batchSizeOf, firstBatch } from './replies.ts'

export const aggregateCommands: Commands = {
  aggregate: (args, context) => {
    if (args.boolean('explain', false)) return explainCommand('aggregate', args, context, 'queryPlanner')
    if (args.nested('cursor') === undefined)
      throw new MongoError(
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      )
    const size = batchSizeOf(args)
    const { namespace, stages, pipeline } = readPipeline(args, context)
    return firstBatch(context, { namespace, stream: runPipeline(namespace, stages, pipeline) }, size)
  },
}
