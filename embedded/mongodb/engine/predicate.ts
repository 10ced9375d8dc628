import type { RawValue } from '../bson/types.ts'
import { BsonType } from '../bson/types.ts'
import { compares, equals, isNaNValue, isOneOf } from './match/comparison.ts'
import type { ValueTest } from './match/reach.ts'

export type Comparison = '$eq' | '$in' | '$gt' | '$gte' | '$lt' | '$lte'

/** A part of a filter that keys can answer: a field compared with values. */
export interface Predicate {
  readonly field: string
  readonly comparison: Comparison
  readonly values: readonly RawValue[]
  /** False where equal keys don't say it all: then the filter looks again. */
  readonly exact: boolean
}

const comparisons = new Set<string>(['$eq', '$in', '$gt', '$gte', '$lt', '$lte'])

export function isComparison(operator: string): operator is Comparison {
  return comparisons.has(operator)
}

/** Undefined if keys are no help with it. */
export function predicateOf(
  field: string,
  comparison: Comparison,
  operands: readonly RawValue[],
): Predicate | undefined {
  const helps = comparison === '$eq' || comparison === '$in' ? hasPoint : hasRange
  if (!operands.every(helps)) return undefined
  return { field, comparison, values: operands, exact: operands.every(({ type }) => type !== BsonType.null) }
}

/** Patterns and whole arrays are not found by one key. */
function hasPoint({ type }: RawValue): boolean {
  return type !== BsonType.regex && type !== BsonType.array && type !== BsonType.undefined
}

const withoutRange = new Set<number>([
  BsonType.null,
  BsonType.object,
  BsonType.array,
  BsonType.minKey,
  BsonType.maxKey,
  BsonType.regex,
])

/** Ranges are one stretch of the keys of one kind of value. */
function hasRange(value: RawValue): boolean {
  return !withoutRange.has(value.type) && !isNaNValue(value)
}

/** A predicate as a test of one value. */
export function testOf({ comparison, values }: Predicate): ValueTest {
  const [operand, ...more] = values
  if (comparison === '$in' || operand === undefined || more.length > 0) return isOneOf(values)
  return comparison === '$eq' ? equals(operand) : compares(comparison, operand)
}
