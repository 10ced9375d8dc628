import { BsonType, type RawValue } from '../bson/types.ts'
import { numberOf } from '../bson/values.ts'
import { encodeValue, tag, tagOf } from './keys/encode.ts'

/**
 * MongoDB's order of two values, of whatever types. The usual ones are compared where they lie; the rest by the keys
 * that an index would have, so that both can only say the same.
 */
export function compareValues(a: RawValue, b: RawValue): number {
  const kind = tagOf(a.type)
  const other = tagOf(b.type)
  if (kind !== other) return kind - other
  switch (kind) {
    case tag.number:
      return isPlain(a) && isPlain(b) ? compareNumbers(numberOf(a), numberOf(b)) : compareKeys(a, b)
    case tag.string:
      return a.bytes.compare(b.bytes, b.start + 4, b.end - 1, a.start + 4, a.end - 1)
    case tag.objectId:
    case tag.boolean:
      return a.bytes.compare(b.bytes, b.start, b.end, a.start, a.end)
    case tag.date:
      return compareLongs(a.bytes.readBigInt64LE(a.start), b.bytes.readBigInt64LE(b.start))
    case tag.null:
    case tag.undefined:
    case tag.minKey:
    case tag.maxKey:
      return 0
    default:
      return compareKeys(a, b)
  }
}

export function equalValues(a: RawValue, b: RawValue): boolean {
  return compareValues(a, b) === 0
}

/** A number that a double holds exactly. */
function isPlain(value: RawValue): boolean {
  if (value.type === BsonType.int64) return Number.isSafeInteger(numberOf(value))
  return value.type !== BsonType.decimal128
}

/** NaN is below all other numbers, and equal to itself. */
function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return 0
  return Number(Number.isNaN(b)) - Number(Number.isNaN(a))
}

function compareLongs(a: bigint, b: bigint): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function compareKeys(a: RawValue, b: RawValue): number {
  return encodeValue(a).compare(encodeValue(b))
}
