import { find } from 'mingo'
import { toFields, toRaw } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, isNumeric, type RawDocument } from '../bson/types.ts'
import { BsonWriter } from '../bson/writer.ts'
import { MongoError, asMongoError } from '../errors.ts'
import { mingoOptions } from './mingo.ts'

export type Projection = (document: RawDocument) => RawDocument

/** Which fields to answer with. Whole top-level fields are picked from the bytes; the rest is mingo's. */
export function compileProjection(raw: RawDocument | undefined): Projection | undefined {
  if (raw === undefined || raw.length === 5) return undefined
  return topLevel(raw) ?? withMingo(raw)
}

function topLevel(raw: RawDocument): Projection | undefined {
  const named = new Set<string>()
  let including: boolean | undefined
  let id: boolean | undefined
  const reader = new ElementReader(raw)
  while (reader.next()) {
    const name = reader.name()
    const wanted = flag(reader)
    if (wanted === undefined || name.includes('.') || name.startsWith('$')) return undefined
    if (name === '_id') {
      id = wanted
      continue
    }
    if (including !== undefined && including !== wanted)
      throw new MongoError(
        wanted ? 'Location31253' : 'Location31254',
        `Cannot do ${wanted ? 'inclusion' : 'exclusion'} on field ${name} in ${including ? 'inclusion' : 'exclusion'} projection`,
      )
    including = wanted
    named.add(name)
  }
  const include = including ?? id ?? false
  if (include ? (id ?? true) : id === false) named.add('_id')
  return (document) => pick(document, named, include)
}

function flag({ type, bytes, valueStart }: ElementReader): boolean | undefined {
  if (type === BsonType.boolean) return bytes[valueStart] === 1
  if (!isNumeric(type) || type === BsonType.decimal128) return undefined
  if (type === BsonType.double) return bytes.readDoubleLE(valueStart) !== 0
  return bytes.readInt32LE(valueStart) !== 0
}

function pick(document: RawDocument, named: ReadonlySet<string>, include: boolean): RawDocument {
  const out = new BsonWriter(document.length)
  const reader = new ElementReader(document)
  while (reader.next()) if (named.has(reader.name()) === include) out.raw(reader.element())
  return out.finish()
}

function withMingo(raw: RawDocument): Projection {
  const projection = toFields(raw)
  return (document) => {
    try {
      const [projected = {}] = find<Record<string, unknown>>(
        [toFields(document)],
        {},
        projection,
        mingoOptions,
      ).all()
      return toRaw(projected)
    } catch (error) {
      throw new MongoError('BadValue', asMongoError(error).message)
    }
  }
}
