import { isDocument } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import type { RawDocument, RawValue } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { largestDocument } from '../collection.ts'
import { Memory } from './memory.ts'
import { readStages, type PipelineContext, type Stage, type Transform } from './stage.ts'

const refusedInside = new Set([
  '$facet',
  '$out',
  '$merge',
  '$collStats',
  '$indexStats',
  '$currentOp',
  '$geoNear',
  '$documents',
])

/** `$facet`: several pipelines over the same documents, which are held for it, and their results as one document. */
export function facet(
  operand: RawValue,
  context: PipelineContext,
  compile: (stages: readonly Stage[], context: PipelineContext) => readonly Transform[],
): Transform {
  if (!isDocument(operand) || !new ElementReader(operand.bytes, operand.start).next())
    throw new MongoError('Location40169', 'the $facet specification must be a non-empty object')
  const facets: [name: string, transforms: readonly Transform[]][] = []
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) {
    const stages = readStages(reader.value())
    const refused = stages.find(({ name }) => refusedInside.has(name))
    if (refused)
      throw new MongoError('Location40600', `${refused.name} is not allowed to be used within a $facet stage`)
    facets.push([reader.name(), compile(stages, context)])
  }
  return function* (source) {
    const memory = new Memory('$facet')
    const documents: RawDocument[] = []
    for (const document of source) {
      if (document === undefined) yield undefined
      else {
        memory.add(document.length)
        documents.push(document)
      }
    }
    const out = new BsonWriter()
    for (const [name, transforms] of facets) {
      out.openArray(name)
      let position = 0
      for (const result of transforms.reduce(
        (flow, transform) => transform(flow),
        pausing(documents, context),
      )) {
        if (result === undefined) yield undefined
        else out.document(String(position++), result)
        if (out.length > largestDocument)
          throw new MongoError(
            'BSONObjectTooLarge',
            `BSONObj size: ${out.length} is invalid. Size must be between 0 and ${largestDocument}`,
          )
      }
      out.close()
    }
    yield out.finish()
  }
}

function* pausing(
  documents: readonly RawDocument[],
  { turn }: PipelineContext,
): Iterable<RawDocument | undefined> {
  for (const document of documents) {
    if (turn.operation.step()) yield undefined
    yield document
  }
}
