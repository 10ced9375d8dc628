import { MongoError } from '../errors.ts'
import { BsonType, type RawDocument, type RawValue } from './types.ts'

/**
 * Walks the elements of one document or array in place, without making objects: the hot paths (index keys, replies,
 * replacements) need a few fields of a document, not the document.
 */
export class ElementReader {
  readonly bytes: Buffer
  type = 0
  nameStart = 0
  nameEnd = 0
  valueStart = 0
  valueEnd: number
  readonly #end: number

  constructor(bytes: Buffer, start = 0) {
    if (start + 5 > bytes.length) throw invalid('shorter than its header')
    const size = bytes.readInt32LE(start)
    if (size < 5 || start + size > bytes.length) throw invalid(`length ${size} does not fit`)
    this.bytes = bytes
    this.#end = start + size - 1
    this.valueEnd = start + 4
    if (bytes[this.#end] !== 0) throw invalid('not terminated')
  }

  /** Moves to the next element; false at the end. */
  next(): boolean {
    const at = this.valueEnd
    if (at >= this.#end) return false
    const bytes = this.bytes
    this.type = bytes.readUInt8(at)
    let nameEnd = at + 1
    while (bytes[nameEnd] !== 0) nameEnd++
    this.nameStart = at + 1
    this.nameEnd = nameEnd
    this.valueStart = nameEnd + 1
    this.valueEnd = this.valueStart + sizeOfValue(this.type, bytes, this.valueStart)
    if (this.valueEnd > this.#end) throw invalid('an element reaches beyond its document')
    return true
  }

  /** Moves on to the element of this name; false if there is none after the current one. */
  seek(name: string): boolean {
    while (this.next()) if (this.nameIs(name)) return true
    return false
  }

  nameIs(name: string): boolean {
    const { bytes, nameStart, nameEnd } = this
    const length = name.length
    if (nameEnd - nameStart < length) return false
    for (let i = 0; i < length; i++) {
      const code = name.charCodeAt(i)
      if (code > 127) return this.name() === name
      if (bytes[nameStart + i] !== code) return false
    }
    return nameEnd - nameStart === length
  }

  name(): string {
    return this.bytes.toString('utf8', this.nameStart, this.nameEnd)
  }

  /** The value at the current position, valid as long as the bytes are. */
  value(): RawValue {
    return { type: this.type, bytes: this.bytes, start: this.valueStart, end: this.valueEnd }
  }

  /** The bytes of the whole element: type, name, value. */
  element(): Buffer {
    return this.bytes.subarray(this.nameStart - 1, this.valueEnd)
  }
}

function invalid(why: string): MongoError {
  return new MongoError('InvalidBSON', `Invalid BSON: ${why}`)
}

function sizeOfValue(type: number, bytes: Buffer, at: number): number {
  switch (type) {
    case BsonType.double:
    case BsonType.date:
    case BsonType.timestamp:
    case BsonType.int64:
      return 8
    case BsonType.int32:
      return 4
    case BsonType.boolean:
      return 1
    case BsonType.objectId:
      return 12
    case BsonType.decimal128:
      return 16
    case BsonType.null:
    case BsonType.undefined:
    case BsonType.minKey:
    case BsonType.maxKey:
      return 0
    case BsonType.string:
    case BsonType.code:
    case BsonType.symbol:
      return 4 + sized(bytes, at, 1)
    case BsonType.object:
    case BsonType.array:
    case BsonType.codeWithScope:
      return sized(bytes, at, 5)
    case BsonType.binary:
      return 5 + sized(bytes, at, 0)
    case BsonType.dbPointer:
      return 16 + sized(bytes, at, 1)
    case BsonType.regex: {
      const options = bytes.indexOf(0, at) + 1
      return bytes.indexOf(0, options) + 1 - at
    }
    default:
      throw invalid(`unknown element type 0x${type.toString(16)}`)
  }
}

function sized(bytes: Buffer, at: number, least: number): number {
  if (at + 4 > bytes.length) throw invalid('cut off')
  const size = bytes.readInt32LE(at)
  if (size < least || at + size > bytes.length) throw invalid('a length does not fit')
  return size
}

/** The value of a top-level field, or undefined. */
export function fieldOf(document: RawDocument, name: string): RawValue | undefined {
  const reader = new ElementReader(document)
  return reader.seek(name) ? reader.value() : undefined
}

/** Throws InvalidBSON unless every level of the document is well formed: what is stored must be readable for ever. */
export function assertWellFormed(bytes: Buffer, start = 0, depth = 0): void {
  if (depth > 180) throw invalid('nested too deeply')
  const reader = new ElementReader(bytes, start)
  while (reader.next())
    if (reader.type === BsonType.object || reader.type === BsonType.array)
      assertWellFormed(bytes, reader.valueStart, depth + 1)
}
