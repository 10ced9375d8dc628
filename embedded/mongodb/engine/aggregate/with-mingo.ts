import { Aggregator } from 'mingo'
import { toFields, toRaw, type Fields } from '../../bson/codec.ts'
import { emptyDocument } from '../../bson/document.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import { understood } from '../expression/with-mingo.ts'
import { compileFilter } from '../filter.ts'
import { Operation } from '../operation.ts'
import { runQuery } from '../query.ts'
import { Memory } from './memory.ts'
import { asFields, type PipelineContext, type Stage, type Transform } from './stage.ts'

/** Stages that mingo works out, over documents that are all held while it does. */
const known = new Set([
  '$group',
  '$bucket',
  '$bucketAuto',
  '$setWindowFields',
  '$densify',
  '$fill',
  '$graphLookup',
  '$redact',
])

export function withMingo(stage: Stage, context: PipelineContext): Transform | undefined {
  if (!known.has(stage.name)) return undefined
  refuseScripts(stage.operand)
  const { variables } = context
  const memory = new Memory(stage.name)
  const aggregator = understood(
    () =>
      new Aggregator([asFields(stage)], {
        // mingo's windows are functions of its own; a client's are refused before.
        scriptEnabled: stage.name === '$setWindowFields',
        variables,
        collectionResolver: (name: string) => wholeCollection(name, context, memory),
      }),
  )
  return function* (source) {
    const documents: Fields[] = []
    for (const document of source) {
      if (document === undefined) {
        yield undefined
        continue
      }
      memory.add(document.length)
      documents.push(toFields(document))
    }
    for (const result of understood(() => aggregator.run(documents))) yield toRaw(result)
  }
}

/** No scripts from a client run in this process. */
function refuseScripts({ type, bytes, start }: RawValue): void {
  if (type !== BsonType.object && type !== BsonType.array) return
  const reader = new ElementReader(bytes, start)
  while (reader.next()) {
    if (reader.nameIs('$function') || reader.nameIs('$accumulator') || reader.nameIs('$where'))
      throw new MongoError('BadValue', `${reader.name()} is not supported`)
    refuseScripts(reader.value())
  }
}

function wholeCollection(name: string, { catalog, database }: PipelineContext, memory: Memory): Fields[] {
  const collection = catalog.get(`${database}.${name}`)
  const documents: Fields[] = []
  if (collection === undefined) return documents
  const everything = { filter: compileFilter(emptyDocument), sort: [], skip: 0, limit: 0 }
  runQuery(collection, everything).run((document) => {
    memory.add(document.length)
    return documents.push(toFields(document)) > 0
  }, Operation.unlimited('aggregate'))
  return documents
}
