import { planPipeline } from '../engine/aggregate/pipeline.ts'
import { asFields } from '../engine/aggregate/stage.ts'
import { Search } from '../engine/query.ts'
import { flowOf, type Flow } from '../engine/stream.ts'
import type { Arguments } from './arguments.ts'
import type { Context } from './command.ts'
import type { Explained } from './explain-reply.ts'
import { readPipeline } from './read-pipeline.ts'

/** A pipeline: the query that it begins with, then its other stages, each with how many documents leave it. */
export function explainedPipeline(args: Arguments, context: Context): Explained {
  const { namespace, stages, pipeline } = readPipeline(args, context)
  const { query, rest, transforms } = planPipeline(namespace, stages, pipeline)
  const collection = context.store.catalog.get(namespace)
  const search = collection && new Search(collection, query)
  const returned = rest.map(() => 0)
  const counted = (flow: Flow, stage: number): Flow =>
    counting(flow, () => (returned[stage] = (returned[stage] ?? 0) + 1))
  const flow =
    search &&
    transforms.reduce((input, transform, i) => counted(transform(input), i), flowOf(search, pipeline.turn))
  const iterator = flow?.[Symbol.iterator]()
  return {
    namespace,
    filter: query.filter.raw,
    search,
    tree: (tree) => tree,
    run: (operation) => {
      pipeline.turn.operation = operation
      for (let next = iterator?.next(); next && !next.done; next = iterator?.next())
        if (next.value === undefined) return false
      return true
    },
    stages: (executed) =>
      rest.map((stage, i) => ({ ...asFields(stage), ...(executed && { nReturned: returned[i] ?? 0 }) })),
  }
}

function* counting(flow: Flow, count: () => void): Flow {
  for (const document of flow) {
    if (document !== undefined) count()
    yield document
  }
}
