import type { RawDocument, RawValue } from '../bson/types.ts'
import { BsonType } from '../bson/types.ts'
import { encodeValue } from './keys/encode.ts'
import { pathOf, valuesAt } from './paths.ts'

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
  if (!operands.every(hasKey)) return undefined
  return { field, comparison, values: operands, exact: operands.every((value) => isExact(comparison, value)) }
}

/** Patterns and whole arrays are not found by one key; NaN compares with nothing. */
function hasKey({ type, bytes, start }: RawValue): boolean {
  if (type === BsonType.double) return !Number.isNaN(bytes.readDoubleLE(start))
  return type !== BsonType.regex && type !== BsonType.array && type !== BsonType.undefined
}

/** A key can't tell null from missing, and ranges over documents have rules of their own. */
function isExact(comparison: Comparison, { type }: RawValue): boolean {
  if (type === BsonType.null) return false
  return comparison === '$eq' || comparison === '$in' || type !== BsonType.object
}

/** An exact predicate as a test of a document's bytes, by the same keys that an index has. */
export function testOf({ field, comparison, values }: Predicate): (document: RawDocument) => boolean {
  const path = pathOf(field)
  const operands = values.map(encodeValue)
  const compare = comparer(comparison, operands)
  return (document) => valuesAt(document, path).values.some((value) => compare(encodeValue(value)))
}

function comparer(comparison: Comparison, operands: readonly Buffer[]): (key: Buffer) => boolean {
  const [operand] = operands
  if (comparison === '$in') {
    const wanted = new Set(operands.map(asText))
    return (key) => wanted.has(asText(key))
  }
  if (comparison === '$eq') return (key) => operand?.equals(key) === true
  // The first byte is the type: comparisons never reach over types.
  return (key) =>
    operand !== undefined && key[0] === operand[0] && holds(comparison, key.compare(operand), key)
}

function asText(key: Buffer): string {
  return key.toString('latin1')
}

function holds(comparison: Comparison, order: number, key: Buffer): boolean {
  if (isNaNKey(key)) return false
  switch (comparison) {
    case '$gt':
      return order > 0
    case '$gte':
      return order >= 0
    case '$lt':
      return order < 0
    case '$lte':
      return order <= 0
    default:
      return order === 0
  }
}

const nanKey = encodeValue({ type: BsonType.double, bytes: doubleBytes(NaN), start: 0, end: 8 })

/** NaN sorts below every number, but is less than none. */
function isNaNKey(key: Buffer): boolean {
  return key[0] === nanKey[0] && key.equals(nanKey)
}

function doubleBytes(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(value)
  return bytes
}
