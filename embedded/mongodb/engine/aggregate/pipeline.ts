import { elementsOf, isDocument, nested, toValue } from '../../bson/codec.ts'
import { emptyDocument } from '../../bson/document.ts'
import { BsonType, type RawDocument } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { compileExpression, Row } from '../expression/value.ts'
import type { Collection } from '../collection.ts'
import { compileFilter } from '../filter.ts'
import { countStream, runQuery, type Query } from '../query.ts'
import { flowOf, listed, streamOf, type Flow, type ResultStream } from '../stream.ts'
import {
  count,
  filterOf,
  limit,
  limitOf,
  match,
  sample,
  skip,
  skipOf,
  sort,
  sortByCountStages,
  sortOf,
} from './counting.ts'
import { facet } from './facet.ts'
import { compileGroup } from './group.ts'
import { lookup, unionWith } from './joins.ts'
import { compileShape } from './shapes.ts'
import { each, type PipelineContext, type Stage, type Transform } from './stage.ts'
import { unwind } from './unwind.ts'
import { withMingo } from './with-mingo.ts'

/** A pipeline over a collection, as a stream of its results. */
export function runPipeline(
  namespace: string,
  stages: readonly Stage[],
  context: PipelineContext,
): ResultStream {
  const { source, transforms } = compilePipeline(namespace, stages, context)
  if (transforms.length === 0) return source
  return streamOf(
    transforms.reduce((flow, transform) => transform(flow), flowOf(source, context.turn)),
    context.turn,
  )
}

interface Compiled {
  readonly source: ResultStream
  readonly transforms: readonly Transform[]
}

function compilePipeline(namespace: string, stages: readonly Stage[], context: PipelineContext): Compiled {
  const [first] = stages
  const asked = first && (documentsOf(first, context) ?? context.ask(first, namespace))
  if (asked) return { source: listed(() => asked), transforms: compileStages(stages.slice(1), context) }
  const collection = context.catalog.get(namespace)
  const { query, rest } = leadingQuery(stages, context, collection)
  const counted = counterOf(rest)
  if (collection && counted) return { source: countStream(collection, query, counted), transforms: [] }
  return {
    source: collection ? runQuery(collection, query) : listed(() => []),
    transforms: compileStages(rest, context),
  }
}

/** The parts of a pipeline on a collection, for `explain`: one transform for each stage that isn't in the query. */
export function planPipeline(
  namespace: string,
  stages: readonly Stage[],
  context: PipelineContext,
): { readonly query: Query; readonly rest: readonly Stage[]; readonly transforms: readonly Transform[] } {
  const { query, rest } = leadingQuery(stages, context, context.catalog.get(namespace))
  const transforms = rest.map((stage, i) =>
    composed([compileStage(stage, rest.slice(i + 1), context)].flat()),
  )
  return { query, rest, transforms }
}

function composed(transforms: readonly Transform[]): Transform {
  return (source) => transforms.reduce((flow, transform) => transform(flow), source)
}

/** What of the beginning can be a query: at most one of each, in the order in which a query applies them. */
function leadingQuery(
  stages: readonly Stage[],
  context: Pick<PipelineContext, 'variables' | 'hint'>,
  collection: Collection | undefined,
): { readonly query: Query; readonly rest: readonly Stage[] } {
  let rest = stages
  const next = (name: string): Stage | undefined => {
    const [stage] = rest
    if (stage?.name !== name) return undefined
    rest = rest.slice(1)
    return stage
  }
  const [matching, sorting, skipping, limiting] = [
    next('$match'),
    next('$sort'),
    next('$skip'),
    next('$limit'),
  ]
  const query = {
    filter: matching ? filterOf(matching.operand, context) : compileFilter(emptyDocument),
    sort: sorting ? sortOf(sorting.operand) : [],
    skip: skipping ? skipOf(skipping.operand) : 0,
    limit: limiting ? limitOf(limiting.operand) : 0,
    hint: collection && context.hint(collection),
  }
  return { query, rest }
}

function compileStages(stages: readonly Stage[], context: PipelineContext): Transform[] {
  return stages.flatMap((stage, i) => compileStage(stage, stages.slice(i + 1), context))
}

function compileStage(
  stage: Stage,
  following: readonly Stage[],
  context: PipelineContext,
): Transform | Transform[] {
  const { name, operand } = stage
  const inner = (namespace: string, stages: readonly Stage[], within: PipelineContext) => {
    const { source, transforms } = compilePipeline(namespace, stages, { ...within, hint: () => undefined })
    return { source: (): Flow => flowOf(source, within.turn), transforms }
  }
  switch (name) {
    case '$match':
      return match(operand, context)
    case '$limit':
      return limit(operand)
    case '$skip':
      return skip(operand)
    case '$count':
      return count(operand)
    case '$sort':
      return sort(operand, taken(following))
    case '$sample':
      return sample(operand, Math.random)
    case '$unwind':
      return unwind(operand)
    case '$lookup':
      return lookup(operand, context, inner)
    case '$unionWith':
      return unionWith(operand, context, inner)
    case '$facet':
      return facet(operand, context, compileStages)
    case '$sortByCount': {
      const { group, sort } = sortByCountStages(operand)
      return compileStages(
        [
          { name: '$group', operand: group },
          { name: '$sort', operand: sort },
        ],
        context,
      )
    }
    default:
      return otherStage(stage, context)
  }
}

function otherStage(stage: Stage, context: PipelineContext): Transform {
  const { name, operand } = stage
  const shape = compileShape(name, operand, context.variables)
  if (shape) return each((document) => [shape(document)])
  const known = (name === '$group' ? compileGroup(operand, context) : undefined) ?? withMingo(stage, context)
  if (known) return known
  if (sources.has(name))
    throw new MongoError('Location40602', `${name} is only valid as the first stage in a pipeline`)
  throw new MongoError('Location40324', `Unrecognized pipeline stage name: '${name}'`)
}

const sources = new Set(['$collStats', '$indexStats', '$currentOp', '$documents'])

/** How many a sort has to keep, if a limit follows; 0 for all. */
function taken(following: readonly Stage[]): number {
  let skipped = 0
  for (const { name, operand } of following) {
    if (name === '$limit') return limitOf(operand) + skipped
    if (name !== '$skip') return 0
    skipped += skipOf(operand)
  }
  return 0
}

/** `$documents`: a pipeline over what it says itself. */
function documentsOf({ name, operand }: Stage, { variables }: PipelineContext): RawDocument[] | undefined {
  if (name !== '$documents') return undefined
  if (operand.type !== BsonType.array || !elementsOf(operand).every(isDocument))
    throw new MongoError('Location5858203', 'an array is expected of $documents')
  return elementsOf(operand).map((document) => {
    const evaluated = compileExpression(document, variables)(new Row(emptyDocument))
    return evaluated ? nested(evaluated) : emptyDocument
  })
}

/** The driver's countDocuments: a group of all with one sum of ones. Counted without opening a document. */
function counterOf(rest: readonly Stage[]): ((n: number) => RawDocument[]) | undefined {
  const [stage, ...more] = rest
  if (stage?.name !== '$group' || more.length > 0 || !isDocument(stage.operand)) return undefined
  const [id, sum, ...others] = elementsOf(stage.operand)
  if (id === undefined || sum === undefined || others.length > 0) return undefined
  const written = toValue(stage.operand)
  const plain = JSON.stringify(written)
  const constant = /^\{"_id":(null|\d+),"n":\{"\$sum":1\}\}$/.test(plain)
  return constant
    ? (n) => (n === 0 ? [] : [new BsonWriter().value('_id', id).integer('n', n).finish()])
    : undefined
}
