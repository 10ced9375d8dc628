import { deserialize, serialize } from 'bson'
import { ElementReader } from './element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from './types.ts'

/** A document as JavaScript values: numbers where they are safe, Long beyond 2^53, BSON classes for the rest. */
export type Fields = Record<string, unknown>

export function toFields(document: Buffer): Fields {
  return deserialize(document)
}

export function toRaw(fields: Fields): RawDocument {
  const bytes = serialize(fields, { ignoreUndefined: false })
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

export function toValue(value: RawValue): unknown {
  return toFields(wrapped(value))['v']
}

/** The value with its type, for a reply that is to give it back as it came: numbers too are BSON's own objects. */
export function toTypedValue(value: RawValue): unknown {
  const fields: Fields = deserialize(wrapped(value), { promoteValues: false })
  return fields['v']
}

export function rawValue(value: unknown): RawValue {
  const reader = new ElementReader(toRaw({ v: value }))
  reader.next()
  return reader.value()
}

/** The bytes of a value that is a document or array, as a document of their own. */
export function nested(value: RawValue): RawDocument {
  return value.bytes.subarray(value.start, value.end)
}

/** The values in an array (or the fields of a document), in their order. */
export function elementsOf({ bytes, start }: RawValue): RawValue[] {
  const values: RawValue[] = []
  const reader = new ElementReader(bytes, start)
  while (reader.next()) values.push(reader.value())
  return values
}

export interface DocumentValue extends RawValue {
  readonly type: typeof BsonType.object
}

export function isDocument(value: RawValue | undefined): value is DocumentValue {
  return value?.type === BsonType.object
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
}

function wrapped({ type, bytes, start, end }: RawValue): RawDocument {
  const size = end - start + 8
  const out = Buffer.allocUnsafe(size)
  out.writeInt32LE(size, 0)
  out[4] = type
  out[5] = 0x76
  out[6] = 0
  bytes.copy(out, 7, start, end)
  out[size - 1] = 0
  return out
}
