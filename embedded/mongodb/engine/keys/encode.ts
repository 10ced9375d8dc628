import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import { KeyWriter } from './key-writer.ts'
import { writeNumber } from './numbers.ts'

/**
 * Turns BSON values into bytes whose plain byte order is MongoDB's order of values. Every encoding begins with the tag
 * of its type and no encoding is the beginning of another, so keys of several fields are simply joined, and a
 * descending field is the same bytes inverted. No tag is 0x00 or 0xff, also inverted: both stay free as outer bounds.
 */
export const tag = {
  end: 0x01,
  minKey: 0x0a,
  undefined: 0x0e,
  null: 0x10,
  number: 0x20,
  string: 0x30,
  object: 0x40,
  array: 0x50,
  binary: 0x60,
  objectId: 0x70,
  boolean: 0x80,
  date: 0x90,
  timestamp: 0xa0,
  regex: 0xb0,
  dbPointer: 0xc0,
  code: 0xd0,
  codeWithScope: 0xe0,
  maxKey: 0xf0,
} as const

/** What the fields of an index, or `_id`, may take: LMDB's longest key is 1,978 bytes, and eight are the record's. */
export const longestKey = 1970

const writer = new KeyWriter()

/** The key of a document: its `_id`, encoded. */
export function encodeId(id: RawValue): Buffer {
  const key = encodeValue(id)
  if (key.length > longestKey)
    throw new MongoError('KeyTooLong', `_id is too long: ${key.length} bytes as a key`)
  return key
}

export function encodeValue(value: RawValue): Buffer {
  writer.length = 0
  writeValue(writer, value)
  return writer.finish()
}

export function writeValue(out: KeyWriter, value: RawValue): void {
  const { type, bytes, start, end } = value
  const kind = tagOf(type)
  out.byte(kind)
  switch (kind) {
    case tag.number:
      writeNumber(out, value)
      return
    case tag.string:
    case tag.code:
      writeString(out, bytes, start + 4, end - 1)
      return
    case tag.object:
      writeFields(out, bytes, start)
      return
    case tag.array:
      writeElements(out, bytes, start)
      return
    case tag.binary:
      out.uint32(bytes.readInt32LE(start))
      out.copy(bytes, start + 4, end)
      return
    case tag.objectId:
    case tag.boolean:
      out.copy(bytes, start, end)
      return
    case tag.date:
      out.uint32(bytes.readInt32LE(start + 4) ^ 0x80000000)
      out.uint32(bytes.readUInt32LE(start))
      return
    case tag.timestamp:
      out.uint32(bytes.readUInt32LE(start + 4))
      out.uint32(bytes.readUInt32LE(start))
      return
    case tag.regex:
    case tag.dbPointer:
    case tag.codeWithScope:
      writeString(out, bytes, start, end)
  }
}

/** Which group of MongoDB's order a type belongs to. */
export function tagOf(type: number): number {
  switch (type) {
    case BsonType.double:
    case BsonType.int32:
    case BsonType.int64:
    case BsonType.decimal128:
      return tag.number
    case BsonType.string:
    case BsonType.symbol:
      return tag.string
    case BsonType.object:
      return tag.object
    case BsonType.array:
      return tag.array
    case BsonType.binary:
      return tag.binary
    case BsonType.objectId:
      return tag.objectId
    case BsonType.boolean:
      return tag.boolean
    case BsonType.date:
      return tag.date
    case BsonType.timestamp:
      return tag.timestamp
    case BsonType.regex:
      return tag.regex
    case BsonType.dbPointer:
      return tag.dbPointer
    case BsonType.code:
      return tag.code
    case BsonType.codeWithScope:
      return tag.codeWithScope
    case BsonType.minKey:
      return tag.minKey
    case BsonType.maxKey:
      return tag.maxKey
    case BsonType.undefined:
      return tag.undefined
    default:
      return tag.null
  }
}

/** Bytes with 0x00 escaped and ended by 0x00 0x01, so that "a" sorts before "a\0" and neither begins the other. */
function writeString(out: KeyWriter, bytes: Buffer, start: number, end: number): void {
  let from = start
  for (let zero = bytes.indexOf(0, from); zero >= 0 && zero < end; zero = bytes.indexOf(0, from)) {
    out.copy(bytes, from, zero + 1)
    out.byte(0xff)
    from = zero + 1
  }
  out.copy(bytes, from, end)
  out.byte(0)
  out.byte(1)
}

/** Fields in their own order, each by type, then name, then value. */
function writeFields(out: KeyWriter, bytes: Buffer, start: number): void {
  const reader = new ElementReader(bytes, start)
  while (reader.next()) {
    out.byte(tagOf(reader.type))
    out.copy(bytes, reader.nameStart, reader.nameEnd + 1)
    writeValue(out, reader.value())
  }
  out.byte(tag.end)
}

function writeElements(out: KeyWriter, bytes: Buffer, start: number): void {
  const reader = new ElementReader(bytes, start)
  while (reader.next()) writeValue(out, reader.value())
  out.byte(tag.end)
}

/** The first key that is greater than every key beginning with these bytes. */
export function afterPrefix(prefix: Buffer): Buffer {
  const out = Buffer.from(prefix)
  for (let i = out.length - 1; i >= 0; i--) {
    const byte = out.readUInt8(i)
    if (byte < 0xff) {
      out[i] = byte + 1
      return out.subarray(0, i + 1)
    }
  }
  return Buffer.from([0xff])
}

export function inverted(key: Buffer): Buffer {
  const out = Buffer.allocUnsafe(key.length)
  for (let i = 0; i < key.length; i++) out[i] = ~key.readUInt8(i)
  return out
}
