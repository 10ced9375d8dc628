import { readStages, type PipelineContext, type Stage } from '../engine/aggregate/stage.ts'
import { MongoError } from '../errors.ts'
import type { Arguments } from './arguments.ts'
import { askServer } from './asking-stages.ts'
import type { Context } from './command.ts'
import { resolveHint } from './hint.ts'
import { namespaceOf } from './namespace.ts'

/** What an aggregate runs, and on what: a collection, or 1 for the database. */
export function readPipeline(
  args: Arguments,
  context: Context,
): {
  readonly namespace: string
  readonly stages: readonly Stage[]
  readonly pipeline: PipelineContext
} {
  args.refuseCollation()
  const ofDatabase = args.value('aggregate') === 1
  const namespace = ofDatabase
    ? `${context.database}.$cmd.aggregate`
    : namespaceOf(context, args.collection())
  const stages = readStages(args.existing('pipeline'))
  refuseWriting(stages)
  const pipeline: PipelineContext = {
    catalog: context.store.catalog,
    database: context.database,
    variables: args.optionalFields('let') ?? {},
    turn: { operation: context.operation },
    ask: (stage, about) => askServer(stage, about, context),
    hint: (collection) => resolveHint(collection, args.raw('hint')),
  }
  return { namespace, stages, pipeline }
}

/** Pipelines only read here, and there is no log of changes to follow. */
function refuseWriting(stages: readonly Stage[]): void {
  for (const { name } of stages) {
    if (name === '$changeStream')
      throw new MongoError('Location40573', 'The $changeStream stage is only supported on replica sets')
    if (name === '$out' || name === '$merge')
      throw new MongoError('Location40324', `${name} is not supported: pipelines only read here`)
  }
}
