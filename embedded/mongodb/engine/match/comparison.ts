import { BsonType, isNumeric, type RawValue } from '../../bson/types.ts'
import { numberOf } from '../../bson/values.ts'
import { compareValues } from '../compare.ts'
import { encodeValue, tagOf } from '../keys/encode.ts'
import type { Comparison } from '../predicate.ts'
import type { ValueTest } from './reach.ts'

/** `$eq`: of null, also where there is nothing. */
export function equals(operand: RawValue): ValueTest {
  if (operand.type === BsonType.null) return isNullish
  return (value) => value !== undefined && compareValues(value, operand) === 0
}

/** `$in` of plain values: one look-up, however many they are. */
export function isOneOf(operands: readonly RawValue[]): ValueTest {
  const [only, ...more] = operands
  if (only && more.length === 0) return equals(only)
  const wanted = new Set(operands.map(textKey))
  const nullToo = operands.some(({ type }) => type === BsonType.null)
  return (value) => (value === undefined ? nullToo : wanted.has(textKey(value)))
}

/** `$gt` and the like, which hold only between values of one kind. */
export function compares(comparison: Exclude<Comparison, '$eq' | '$in'>, operand: RawValue): ValueTest {
  const inclusive = comparison === '$gte' || comparison === '$lte'
  if (operand.type === BsonType.null) return inclusive ? isNullish : never
  if (isNaNValue(operand)) return inclusive ? (value) => value !== undefined && isNaNValue(value) : never
  const up = comparison === '$gt' || comparison === '$gte'
  // The ends of the order are the only values that others of any kind are compared with.
  if (operand.type === BsonType.minKey) return (value) => (value?.type === operand.type ? inclusive : up)
  if (operand.type === BsonType.maxKey) return (value) => (value?.type === operand.type ? inclusive : !up)
  const kind = tagOf(operand.type)
  return (value) => {
    if (value === undefined || tagOf(value.type) !== kind || isNaNValue(value)) return false
    const order = compareValues(value, operand)
    return order === 0 ? inclusive : order > 0 === up
  }
}

export function isNaNValue(value: RawValue): boolean {
  return isNumeric(value.type) && value.type !== BsonType.int32 && Number.isNaN(numberOf(value))
}

function isNullish(value: RawValue | undefined): boolean {
  return value === undefined || value.type === BsonType.null
}

function never(): boolean {
  return false
}

function textKey(value: RawValue): string {
  return encodeValue(value).toString('latin1')
}
