import { isDocument, toValue, type Fields } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, typeNameOf, type RawDocument, type RawValue } from '../../bson/types.ts'
import { arrayValue, nullValue, textOf } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { compileExpression, Row, type Expression } from '../expression/value.ts'
import { isMissing, pathOf, valuesAt } from '../paths.ts'
import { setAt } from '../update/tree.ts'
import { largestDocument } from '../collection.ts'
import {
  readStages,
  type CompilePipeline,
  type PipelineContext,
  type Stage,
  type Transform,
} from './stage.ts'

interface Lookup {
  readonly from: string
  readonly as: string
  readonly localField: string | undefined
  readonly foreignField: string | undefined
  readonly variables: readonly (readonly [name: string, expression: Expression])[]
  readonly pipeline: readonly Stage[]
}

/**
 * `$lookup`: for each document a query of the other collection, by its indexes where it is about equal fields, and
 * the pipeline behind it.
 */
export function lookup(operand: RawValue, context: PipelineContext, compile: CompilePipeline): Transform {
  const spec = lookupOf(operand, context)
  const namespace = `${context.database}.${spec.from}`
  // Compiled once ahead, so that what is wrong with it shows although there may be no document.
  compile(namespace, spec.pipeline, withVariables(context, spec, undefined))
  return function* (source) {
    for (const document of source) {
      if (document === undefined) {
        yield undefined
        continue
      }
      const stages = [...joinStage(spec, document), ...spec.pipeline]
      const found = new BsonWriter()
      let position = 0
      const inner = compile(namespace, stages, withVariables(context, spec, document))
      for (const joined of inner.transforms.reduce((flow, transform) => transform(flow), inner.source())) {
        if (joined === undefined) yield undefined
        else found.document(String(position++), joined)
        if (found.length > largestDocument)
          throw new MongoError(
            'Location4568',
            `Total size of documents in ${spec.from} matching pipeline's $lookup stage exceeds ${largestDocument} bytes`,
          )
      }
      yield setAt(document, pathOf(spec.as), arrayValue(found.finish()))
    }
  }
}

/** The equality of the two fields as a `$match`: any value of the one with any of the other, null with missing. */
function joinStage({ localField, foreignField }: Lookup, document: RawDocument): Stage[] {
  if (localField === undefined || foreignField === undefined) return []
  const { values } = valuesAt(document, pathOf(localField))
  const filter = new BsonWriter().openDocument(foreignField).openArray('$in')
  values.forEach((value, i) => filter.value(String(i), isMissing(value) ? nullValue : value))
  const bytes = filter.close().close().finish()
  return [{ name: '$match', operand: { type: BsonType.object, bytes, start: 0, end: bytes.length } }]
}

function withVariables(
  context: PipelineContext,
  { variables }: Lookup,
  document: RawDocument | undefined,
): PipelineContext {
  if (variables.length === 0) return context
  const row = document && new Row(document)
  const values: Fields = Object.fromEntries(
    variables.map(([name, expression]) => {
      const value = row && expression(row)
      return [name, value && toValue(value)]
    }),
  )
  return { ...context, variables: { ...context.variables, ...values } }
}

function lookupOf(operand: RawValue, context: PipelineContext): Lookup {
  if (!isDocument(operand))
    throw new MongoError(
      'FailedToParse',
      `the $lookup stage specification must be an object, but found ${typeNameOf(operand.type)}`,
    )
  const texts = new Map<string, string>()
  let variables: Lookup['variables'] = []
  let pipeline: readonly Stage[] | undefined
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) {
    const name = reader.name()
    if (name === 'pipeline') pipeline = readStages(reader.value())
    else if (name === 'let') variables = variablesOf(reader.value(), context)
    else if (name === 'from' || name === 'as' || name === 'localField' || name === 'foreignField')
      texts.set(name, textArgument(name, reader.value()))
    else throw new MongoError('IDLUnknownField', `BSON field '$lookup.${name}' is an unknown field.`)
  }
  const as = texts.get('as')
  const from = texts.get('from')
  if (as === undefined) throw new MongoError('FailedToParse', "must specify 'as' field for a $lookup")
  if (from === undefined) throw new MongoError('FailedToParse', "must specify 'from' field for a $lookup")
  const [localField, foreignField] = [texts.get('localField'), texts.get('foreignField')]
  if ((localField === undefined) !== (foreignField === undefined) || (pipeline ?? localField) === undefined)
    throw new MongoError(
      'FailedToParse',
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    )
  return { from, as, localField, foreignField, variables, pipeline: pipeline ?? [] }
}

function textArgument(name: string, value: RawValue): string {
  if (value.type !== BsonType.string)
    throw new MongoError(
      'FailedToParse',
      `$lookup argument '${name}' must be a string, is type ${typeNameOf(value.type)}`,
    )
  return textOf(value)
}

function variablesOf(value: RawValue, { variables }: PipelineContext): Lookup['variables'] {
  if (!isDocument(value))
    throw new MongoError(
      'FailedToParse',
      `$lookup argument 'let' must be an object, is type ${typeNameOf(value.type)}`,
    )
  const found: (readonly [string, Expression])[] = []
  const reader = new ElementReader(value.bytes, value.start)
  while (reader.next()) {
    if (!/^[a-z\u0080-\uffff]\w*$/u.test(reader.name()))
      throw new MongoError(
        'Location16867',
        `'${reader.name()}' starts with an invalid character for a user variable name`,
      )
    found.push([reader.name(), compileExpression(reader.value(), variables)])
  }
  return found
}

/** `$unionWith`: what flows in, and then the other collection through its pipeline. */
export function unionWith(operand: RawValue, context: PipelineContext, compile: CompilePipeline): Transform {
  const { coll, pipeline } = unionOf(operand)
  const inner = compile(`${context.database}.${coll}`, pipeline, context)
  return function* (source) {
    yield* source
    yield* inner.transforms.reduce((flow, transform) => transform(flow), inner.source())
  }
}

function unionOf(operand: RawValue): { readonly coll: string; readonly pipeline: readonly Stage[] } {
  if (operand.type === BsonType.string) return { coll: textOf(operand), pipeline: [] }
  if (!isDocument(operand))
    throw new MongoError(
      'FailedToParse',
      `the $unionWith stage specification must be an object or string, but found ${typeNameOf(operand.type)}`,
    )
  let coll: string | undefined
  let pipeline: readonly Stage[] = []
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next())
    if (reader.nameIs('coll') && reader.type === BsonType.string) coll = textOf(reader.value())
    else if (reader.nameIs('pipeline')) pipeline = readStages(reader.value())
    else
      throw new MongoError('IDLUnknownField', `BSON field '$unionWith.${reader.name()}' is an unknown field.`)
  if (coll === undefined)
    throw new MongoError(
      'FailedToParse',
      '$unionWith stage without explicit collection must have a pipeline with $documents as first stage',
    )
  return { coll, pipeline }
}
