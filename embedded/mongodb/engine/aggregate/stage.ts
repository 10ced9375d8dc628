import { isDocument, nested, toValue, type Fields } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import type { Catalog } from '../catalog.ts'
import type { Collection } from '../collection.ts'
import type { Hint } from '../planner.ts'
import type { Flow, Turn } from '../stream.ts'

/** One stage as it was written. */
export interface Stage {
  readonly name: string
  readonly operand: RawValue
}

/** What compiled stages work with. */
export interface PipelineContext {
  readonly catalog: Catalog
  readonly database: string
  readonly variables: Fields
  readonly turn: Turn
  /** Answers stages that ask the server about itself. */
  readonly ask: (stage: Stage, namespace: string) => readonly RawDocument[] | undefined
  /** The client's hint for the collection that the pipeline begins with. */
  readonly hint: (collection: Collection) => Hint | undefined
}

/** A compiled stage: what flows in becomes what flows out. Pauses (undefined) are passed on. */
export type Transform = (source: Flow) => Flow

/** Compiles a pipeline within a pipeline: of `$lookup`, `$facet`, `$unionWith`. */
export type CompilePipeline = (
  namespace: string,
  stages: readonly Stage[],
  context: PipelineContext,
) => { readonly source: () => Flow; readonly transforms: readonly Transform[] }

export function readStages(array: RawValue): Stage[] {
  if (array.type !== BsonType.array)
    throw new MongoError('TypeMismatch', "'pipeline' option must be specified as an array")
  const stages: Stage[] = []
  const reader = new ElementReader(array.bytes, array.start)
  while (reader.next()) {
    const stage = reader.value()
    if (!isDocument(stage))
      throw new MongoError('TypeMismatch', "Each element of the 'pipeline' array must be an object")
    stages.push(readStage(nested(stage)))
  }
  return stages
}

export function readStage(raw: RawDocument): Stage {
  const reader = new ElementReader(raw)
  const first = reader.next() ? { name: reader.name(), operand: reader.value() } : undefined
  if (first === undefined || reader.next())
    throw new MongoError(
      'Location40323',
      'A pipeline stage specification object must contain exactly one field.',
    )
  return first
}

/** A stage as mingo takes it. */
export function asFields({ name, operand }: Stage): Fields {
  return { [name]: toValue(operand) }
}

/** Makes a transform that does something with each document, which may answer with another, several or none. */
export function each(work: (document: RawDocument) => Iterable<RawDocument>): Transform {
  return function* (source) {
    for (const document of source)
      if (document === undefined) yield undefined
      else yield* work(document)
  }
}
