import { hostname } from 'node:os'
import { Long } from 'bson'
import { isDocument, nested, toFields, toRaw } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import type { Stage } from '../engine/aggregate/stage.ts'
import { usesOf } from '../engine/query.ts'
import { MongoError } from '../errors.ts'
import { Arguments } from './arguments.ts'
import type { Context } from './command.ts'
import { operationsOf } from './operations.ts'
import { statisticsOf } from './statistics.ts'

/** Answers the stages that ask the server about itself; undefined for any other. */
export function askServer(stage: Stage, namespace: string, context: Context): RawDocument[] | undefined {
  switch (stage.name) {
    case '$collStats':
      return [collectionStatistics(stage, namespace, context)]
    case '$indexStats':
      return indexStatistics(namespace, context)
    case '$currentOp':
      if (context.database !== 'admin')
        throw new MongoError(
          'InvalidNamespace',
          "$currentOp must be run against the 'admin' database with {aggregate: 1}",
        )
      return operationsOf(context.node).map(toRaw)
    default:
      return undefined
  }
}

function collectionStatistics({ operand }: Stage, namespace: string, { store, node }: Context): RawDocument {
  if (!isDocument(operand)) throw new MongoError('Location40166', '$collStats must take a nested object')
  const args = new Arguments('$collStats', nested(operand), undefined, collStatsFields)
  const collection = store.catalog.get(namespace)
  if (collection === undefined && (args.has('storageStats') || args.has('count')))
    throw new MongoError(
      'NamespaceNotFound',
      `Unable to retrieve statistics: collection [${namespace}] not found`,
    )
  const scale = args.nested('storageStats')?.optionalNumber('scale') ?? 1
  return toRaw({
    ns: namespace,
    host: `${hostname()}:${node.port}`,
    localTime: new Date(),
    ...(args.has('storageStats') && { storageStats: statisticsOf(collection, scale) }),
    ...(args.has('count') && { count: collection?.count ?? 0 }),
  })
}

const collStatsFields = new Set(['storageStats', 'count', 'latencyStats', 'queryExecStats'])

/** Each index, and how often it was used since the node started. */
function indexStatistics(namespace: string, { store, node }: Context): RawDocument[] {
  const collection = store.catalog.get(namespace)
  if (collection === undefined) return []
  return [collection.primary, ...collection.indexes].map((index) => {
    const spec = toFields(index.definition.spec)
    const accesses = { ops: Long.fromNumber(usesOf(index)), since: node.started }
    return toRaw({
      name: index.definition.name,
      key: spec['key'],
      host: `${hostname()}:${node.port}`,
      accesses,
      spec,
    })
  })
}
