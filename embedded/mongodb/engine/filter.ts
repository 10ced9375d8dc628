import { Query } from 'mingo'
import { isDocument, nested, toFields, toValue, type Fields } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { mingoOptions } from './mingo.ts'
import { moduloTest } from './modulo.ts'
import { isComparison, predicateOf, testOf, type Comparison, type Predicate } from './predicate.ts'

type Test = (document: RawDocument) => boolean

/** A filter: the parts that indexes understand, and the whole as a test of one document. */
export interface Filter {
  readonly predicates: readonly Predicate[]
  /** True if the predicates say everything that the filter says. */
  readonly complete: boolean
  readonly raw: RawDocument
  readonly test: Test
}

interface Parts {
  readonly predicates: Predicate[]
  readonly branches: Test[]
  /** What neither keys nor branches decide, in the words of the query language. */
  readonly leftover: Fields[]
}

/**
 * Comparisons, `$and`, `$or` and `$nor` are decided on the bytes, with the keys that indexes have, so an index can't
 * change an answer; every other operator is mingo's, and only then is a document decoded.
 */
export function compileFilter(raw: RawDocument): Filter {
  const parts: Parts = { predicates: [], branches: [], leftover: [] }
  collect(raw, parts)
  const { predicates, branches, leftover } = parts
  // What is wrong in the filter must show before any document is looked at.
  const query = leftover.length > 0 ? compileLeftover(leftover) : undefined
  let tests: Test[] | undefined
  return {
    predicates,
    complete: branches.length === 0 && leftover.length === 0,
    raw,
    test: (document) => {
      tests ??= [...predicates.filter(({ exact }) => exact).map(testOf), ...branches]
      return tests.every((test) => test(document)) && (query === undefined || query.test(toFields(document)))
    },
  }
}

function compileLeftover(leftover: readonly Fields[]): Query {
  try {
    return new Query({ $and: leftover }, mingoOptions)
  } catch (error) {
    throw new MongoError('BadValue', error instanceof Error ? error.message : String(error))
  }
}

function collect(raw: RawDocument, parts: Parts): void {
  const reader = new ElementReader(raw)
  while (reader.next()) {
    const field = reader.name()
    const value = reader.value()
    if (field === '$comment') continue
    if (field === '$and') for (const part of branchesOf(field, value)) collect(part, parts)
    else if (field === '$or') parts.branches.push(anyOf(branchesOf(field, value)))
    else if (field === '$nor') parts.branches.push(negated(anyOf(branchesOf(field, value))))
    else if (field === '$expr') parts.leftover.push({ $expr: toValue(value) })
    else if (field.startsWith('$')) throw new MongoError('BadValue', `unknown top level operator: ${field}`)
    else collectField(field, value, parts)
  }
}

function branchesOf(operator: string, value: RawValue): RawDocument[] {
  const branches = value.type === BsonType.array ? elementsOf(value) : []
  if (branches.length === 0) throw new MongoError('BadValue', `${operator} must be a nonempty array`)
  return branches.map((branch) => {
    if (!isDocument(branch)) throw new MongoError('BadValue', `${operator} entries need to be full objects`)
    return nested(branch)
  })
}

function anyOf(branches: readonly RawDocument[]): Test {
  const filters = branches.map(compileFilter)
  return (document) => filters.some((filter) => filter.test(document))
}

function negated(test: Test): Test {
  return (document) => !test(document)
}

function collectField(field: string, value: RawValue, parts: Parts): void {
  if (!isOperators(value)) {
    add(field, '$eq', value, parts)
    return
  }
  const others: Fields = {}
  const reader = new ElementReader(value.bytes, value.start)
  while (reader.next()) {
    const operator = reader.name()
    if (isComparison(operator)) add(field, operator, reader.value(), parts)
    else if (operator === '$mod') parts.branches.push(moduloTest(field, reader.value()))
    else others[operator] = toValue(reader.value())
  }
  if (Object.keys(others).length > 0) parts.leftover.push({ [field]: others })
}

function isOperators(value: RawValue): boolean {
  if (!isDocument(value)) return false
  const reader = new ElementReader(value.bytes, value.start)
  return reader.next() && reader.bytes[reader.nameStart] === 0x24
}

function add(field: string, comparison: Comparison, value: RawValue, parts: Parts): void {
  if (comparison === '$in' && value.type !== BsonType.array)
    throw new MongoError('BadValue', '$in needs an array')
  const predicate = predicateOf(field, comparison, comparison === '$in' ? elementsOf(value) : [value])
  if (predicate) parts.predicates.push(predicate)
  if (!predicate?.exact) parts.leftover.push({ [field]: { [comparison]: toValue(value) } })
}

function elementsOf(array: RawValue): RawValue[] {
  const values: RawValue[] = []
  const reader = new ElementReader(array.bytes, array.start)
  while (reader.next()) values.push(reader.value())
  return values
}
