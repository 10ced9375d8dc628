import { Query } from 'mingo'
import { isDocument, toFields } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { mingoOptions } from './mingo.ts'

export type Comparison = '$eq' | '$in' | '$gt' | '$gte' | '$lt' | '$lte'

/** A part of a filter that an index can answer: a field compared with values. */
export interface Predicate {
  readonly field: string
  readonly comparison: Comparison
  readonly values: readonly RawValue[]
}

/** A filter: the parts that indexes understand, and the whole as a test of one document. */
export interface Filter {
  readonly predicates: readonly Predicate[]
  /** True if the predicates say everything that the filter says. */
  readonly complete: boolean
  readonly raw: RawDocument
  test(document: RawDocument): boolean
}

export function compileFilter(raw: RawDocument): Filter {
  const predicates: Predicate[] = []
  const complete = collect(raw, predicates)
  let query: Query | undefined
  const compiled = (): Query => (query ??= compileQuery(raw))
  // What indexes can't answer may be wrong in itself: that must show before any document is looked at.
  if (!complete) compiled()
  return { predicates, complete, raw, test: (document) => compiled().test(toFields(document)) }
}

function compileQuery(raw: RawDocument): Query {
  try {
    return new Query(toFields(raw), mingoOptions)
  } catch (error) {
    throw new MongoError('BadValue', error instanceof Error ? error.message : String(error))
  }
}

/** Adds what it understands; false if something is left over. */
function collect(raw: RawDocument, predicates: Predicate[]): boolean {
  let complete = true
  const reader = new ElementReader(raw)
  while (reader.next()) {
    const field = reader.name()
    const value = reader.value()
    if (field === '$comment') continue
    if (field === '$and' && value.type === BsonType.array)
      complete = collectAll(value, predicates) && complete
    else if (field.startsWith('$')) complete = false
    else complete = collectField(field, value, predicates) && complete
  }
  return complete
}

function collectAll(array: RawValue, predicates: Predicate[]): boolean {
  let complete = true
  const reader = new ElementReader(array.bytes, array.start)
  while (reader.next()) {
    if (reader.type !== BsonType.object) return false
    complete = collect(reader.bytes.subarray(reader.valueStart, reader.valueEnd), predicates) && complete
  }
  return complete
}

function collectField(field: string, value: RawValue, predicates: Predicate[]): boolean {
  if (!isDocument(value)) return add(predicates, field, '$eq', value)
  const reader = new ElementReader(value.bytes, value.start)
  let complete = true
  let count = 0
  while (reader.next()) {
    const operator = reader.name()
    if (count++ === 0 && !operator.startsWith('$')) return add(predicates, field, '$eq', value)
    complete = isComparison(operator) && add(predicates, field, operator, reader.value()) && complete
  }
  return count === 0 ? add(predicates, field, '$eq', value) : complete
}

function isComparison(operator: string): operator is Comparison {
  return ['$eq', '$in', '$gt', '$gte', '$lt', '$lte'].includes(operator)
}

function add(predicates: Predicate[], field: string, comparison: Comparison, value: RawValue): boolean {
  if (comparison !== '$in') {
    if (!indexable(value)) return false
    predicates.push({ field, comparison, values: [value] })
    return saysAll(comparison, value)
  }
  if (value.type !== BsonType.array) return false
  const values: RawValue[] = []
  const reader = new ElementReader(value.bytes, value.start)
  while (reader.next()) {
    if (!indexable(reader.value())) return false
    values.push(reader.value())
  }
  predicates.push({ field, comparison, values })
  return values.every((one) => saysAll('$eq', one))
}

/** Patterns and whole arrays are not found by one key; NaN compares with nothing. */
function indexable({ type, bytes, start }: RawValue): boolean {
  if (type === BsonType.double) return !Number.isNaN(bytes.readDoubleLE(start))
  return type !== BsonType.regex && type !== BsonType.array && type !== BsonType.undefined
}

/** A key alone can't tell null from missing, and ranges over documents compare in ways of their own. */
function saysAll(comparison: Comparison, { type }: RawValue): boolean {
  if (type === BsonType.null) return false
  return comparison === '$eq' || type !== BsonType.object
}
