import { elementsOf } from '../../bson/codec.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import type { Path } from '../paths.ts'
import { someAt, type ValueTest } from './reach.ts'

/** What a filter asks of a field: of the values that a path reaches in a document, or of one value alone. */
export interface Condition {
  readonly at: (document: RawDocument, path: Path) => boolean
  readonly of: ValueTest
}

/** Some value at the path passes. */
export function some(test: ValueTest): Condition {
  return { at: (document, path) => someAt(document, path, false, test), of: test }
}

/** The value at the path passes, an array as a whole. */
export function whole(test: ValueTest): Condition {
  return { at: (document, path) => someAt(document, path, true, test), of: test }
}

export function not(condition: Condition): Condition {
  return {
    at: (document, path) => !condition.at(document, path),
    of: (value) => !condition.of(value),
  }
}

export function every(conditions: readonly Condition[]): Condition {
  const [only, ...more] = conditions
  if (only && more.length === 0) return only
  return {
    at: (document, path) => conditions.every((condition) => condition.at(document, path)),
    of: (value) => conditions.every((condition) => condition.of(value)),
  }
}

export function anyOf(conditions: readonly Condition[]): Condition {
  return {
    at: (document, path) => conditions.some((condition) => condition.at(document, path)),
    of: (value) => conditions.some((condition) => condition.of(value)),
  }
}

/** The value is an array in which some element passes. */
export function element(test: (element: RawValue) => boolean): Condition {
  return whole((value) => value?.type === BsonType.array && elementsOf(value).some(test))
}
