import { elementsOf, isDocument, type Fields } from '../../bson/codec.ts'
import { withLeadingId } from '../../bson/document.ts'
import { ElementReader, fieldOf } from '../../bson/element-reader.ts'
import type { RawDocument } from '../../bson/types.ts'
import { arrayValue } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { compileShape, type Shape } from '../aggregate/shapes.ts'

/** An update made of stages, ready for any document. */
export type Pipeline = Shape

/** The stages that may be in an update: those that make one document of one. */
export function compilePipeline(stages: RawDocument, variables: Fields | undefined, now: number): Pipeline {
  const shapes = elementsOf(arrayValue(stages)).map((stage) => {
    if (!isDocument(stage))
      throw new MongoError('TypeMismatch', 'Each element of the pipeline array must be an object')
    const reader = new ElementReader(stage.bytes, stage.start)
    const name = reader.next() ? reader.name() : ''
    const shape = name && compileShape(name, reader.value(), { NOW: new Date(now), ...variables })
    if (!name || reader.next())
      throw new MongoError(
        'Location40323',
        'A pipeline stage specification object must contain exactly one field.',
      )
    if (!shape) throw new MongoError('InvalidOptions', `${name} is not allowed to be used within an update`)
    return shape
  })
  return (document) => {
    const result = shapes.reduce((current, shape) => shape(current), document)
    return fieldOf(result, '_id') ? result : withLeadingId(result, fieldOf(document, '_id'))
  }
}
