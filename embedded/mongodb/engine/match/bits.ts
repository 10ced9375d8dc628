import { elementsOf } from '../../bson/codec.ts'
import { BsonType, isNumeric, type RawValue } from '../../bson/types.ts'
import { integerOf, numberOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import type { ValueTest } from './reach.ts'

const operators = new Map<string, (value: bigint, mask: bigint) => boolean>([
  ['$bitsAllSet', (value, mask) => (value & mask) === mask],
  ['$bitsAllClear', (value, mask) => (value & mask) === 0n],
  ['$bitsAnySet', (value, mask) => (value & mask) !== 0n],
  ['$bitsAnyClear', (value, mask) => (value & mask) !== mask],
])

/** `$bitsAllSet` and the like; undefined for any other operator. */
export function bitTest(operator: string, operand: RawValue): ValueTest | undefined {
  const holds = operators.get(operator)
  if (holds === undefined) return undefined
  const mask = maskOf(operator, operand)
  return (value) => {
    const bits = value && bitsOf(value)
    return bits !== undefined && holds(bits, mask)
  }
}

function maskOf(operator: string, operand: RawValue): bigint {
  if (operand.type === BsonType.array)
    return elementsOf(operand).reduce((mask, place) => mask | bitAt(place), 0n)
  const mask = bitsOf(operand)
  if (mask === undefined || (operand.type !== BsonType.binary && mask < 0n))
    throw new MongoError('BadValue', `${operator} takes an Array, a number, or a BinData`)
  return mask
}

function bitAt(place: RawValue): bigint {
  const position = isNumeric(place.type) ? numberOf(place) : -1
  if (!Number.isInteger(position) || position < 0)
    throw new MongoError('BadValue', 'bit positions must be an integer >= 0')
  return 1n << BigInt(position)
}

/** Undefined for what has no bits: fractions, numbers beyond 64 bits, other types. */
function bitsOf(value: RawValue): bigint | undefined {
  const { type, bytes, start, end } = value
  if (type === BsonType.int32 || type === BsonType.int64) return integerOf(value)
  if (type === BsonType.double || type === BsonType.decimal128) {
    const number = numberOf(value)
    return Number.isInteger(number) && Math.abs(number) < 2 ** 63 ? BigInt(number) : undefined
  }
  if (type !== BsonType.binary) return undefined
  // The first byte holds the lowest bits.
  const hex = Buffer.from(bytes.subarray(start + 5, end).toReversed()).toString('hex')
  return hex === '' ? 0n : BigInt(`0x${hex}`)
}
