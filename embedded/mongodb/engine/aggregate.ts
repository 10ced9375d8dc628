import { Aggregator } from 'mingo'
import { isDocument, nested, toFields, toRaw, type Fields } from '../bson/codec.ts'
import { emptyDocument } from '../bson/document.ts'
import { fieldOf } from '../bson/element-reader.ts'
import type { RawDocument } from '../bson/types.ts'
import { MongoError, asMongoError } from '../errors.ts'
import type { Catalog } from './catalog.ts'
import type { Collection } from './collection.ts'
import { compileFilter } from './filter.ts'
import { mingoOptions } from './mingo.ts'
import { countMatching, listed, runQuery, type Query, type ResultStream } from './query.ts'
import { parseSort } from './sort.ts'

export interface Stage {
  readonly name: string
  readonly raw: RawDocument
  readonly fields: Fields
  readonly operand: Fields | undefined
}

/** Stages that write, or that ask the server about itself. */
const refused = new Set([
  '$out',
  '$merge',
  '$changeStream',
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$listSessions',
])

/** A pipeline: its first `$match`, `$sort`, `$skip` and `$limit` are a query with indexes, the rest is mingo's. */
export function runPipeline(
  catalog: Catalog,
  namespace: string,
  stages: readonly Stage[],
  variables: Fields | undefined,
): ResultStream {
  const unknown = stages.find(({ name }) => refused.has(name))
  if (unknown) throw new MongoError('Location40324', `Unrecognized pipeline stage name: '${unknown.name}'`)
  const collection = catalog.get(namespace)
  const { query, rest } = split(stages)
  const counter = counterOf(rest)
  if (counter && collection) return listed(() => counted(counter, countMatching(collection, query)))
  const source = collection ? runQuery(collection, query) : listed(() => [])
  if (rest.length === 0) return source
  const database = namespace.slice(0, namespace.indexOf('.'))
  const aggregator = compile(rest, {
    ...mingoOptions,
    ...(variables && { variables }),
    collectionResolver: (name: string) => wholeCollection(catalog.get(`${database}.${name}`)),
  })
  return listed(() => understood(() => aggregator.run(decoded(source))).map(toRaw))
}

/** What of the beginning can be a query: at most one of each, in the order in which a query applies them. */
function split(stages: readonly Stage[]): { query: Query; rest: readonly Stage[] } {
  const order = ['$match', '$sort', '$skip', '$limit']
  const taken = new Map<string, Stage>()
  let rest = stages
  for (const name of order) {
    const [stage] = rest
    if (stage?.name !== name) continue
    taken.set(name, stage)
    rest = rest.slice(1)
  }
  const match = taken.get('$match')
  const sort = taken.get('$sort')
  const query = {
    filter: compileFilter(match ? operandOf(match) : emptyDocument),
    sort: parseSort(sort && operandOf(sort)),
    skip: amount(taken.get('$skip'), 0),
    limit: amount(taken.get('$limit'), 1),
  }
  return { query, rest }
}

function operandOf({ name, raw }: Stage): RawDocument {
  const value = fieldOf(raw, name)
  if (!isDocument(value)) throw new MongoError('Location40324', `the ${name} specification must be an object`)
  return nested(value)
}

function amount(stage: Stage | undefined, least: number): number {
  if (stage === undefined) return 0
  const value = stage.fields[stage.name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least)
    throw new MongoError('BadValue', `invalid argument to ${stage.name} stage: ${JSON.stringify(value)}`)
  return value
}

/** The driver's countDocuments: a group of all with one sum of ones. Counted without opening a document. */
function counterOf(rest: readonly Stage[]): Fields | undefined {
  const [stage, ...more] = rest
  if (stage?.name !== '$group' || more.length > 0) return undefined
  const { _id: id, n, ...others } = stage.operand ?? {}
  const one = JSON.stringify(n) === '{"$sum":1}' && Object.keys(others).length === 0
  return one && (id === null || typeof id === 'number') ? { _id: id } : undefined
}

function counted(group: Fields, n: number): RawDocument[] {
  return n === 0 ? [] : [toRaw({ ...group, n })]
}

function compile(stages: readonly Stage[], options: ConstructorParameters<typeof Aggregator>[1]): Aggregator {
  return understood(
    () =>
      new Aggregator(
        stages.map(({ fields }) => fields),
        options,
      ),
  )
}

function decoded(source: ResultStream): Fields[] {
  const documents: Fields[] = []
  source.run((document) => {
    documents.push(toFields(document))
    return true
  })
  return documents
}

function wholeCollection(collection: Collection | undefined): Fields[] {
  if (collection === undefined) return []
  return decoded(runQuery(collection, { filter: compileFilter(emptyDocument), sort: [], skip: 0, limit: 0 }))
}

function understood<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    const { message } = asMongoError(error)
    throw new MongoError(message.includes('pipeline operator') ? 'Location40324' : 'BadValue', message)
  }
}
