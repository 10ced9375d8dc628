import { elementsOf, isDocument, nested, type Fields } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { truthOf } from './expression/operators.ts'
import { compileExpression, Row } from './expression/value.ts'
import { plainCondition, isOperators, operatorConditions, truth } from './match/operators.ts'
import { pathOf } from './paths.ts'
import { isComparison, predicateOf, type Comparison, type Predicate } from './predicate.ts'

type Test = (document: RawDocument) => boolean

/** A filter: the parts that indexes understand, and the whole as a test of one document. */
export interface Filter {
  readonly predicates: readonly Predicate[]
  /** The fields that must be equal to a value, also to one that indexes can't look up: what an upsert starts from. */
  readonly equalities: readonly (readonly [field: string, value: RawValue])[]
  /** The branches of each `$or`: an index may serve every one of them. */
  readonly alternatives: readonly (readonly Filter[])[]
  /** The fields that must be there, with whatever value. */
  readonly present: readonly string[]
  /** True if the predicates and `present` say everything that the filter says. */
  readonly described: boolean
  /** True if the predicates alone do. */
  readonly complete: boolean
  readonly raw: RawDocument
  readonly test: Test
}

interface Parts {
  readonly predicates: Predicate[]
  readonly equalities: [field: string, value: RawValue][]
  readonly alternatives: (readonly Filter[])[]
  readonly present: string[]
  readonly tests: Test[]
  readonly variables: Fields | undefined
  described: boolean
}

/** Values are compared in the order that indexes have, so an index can't change an answer. */
export function compileFilter(raw: RawDocument, variables?: Fields): Filter {
  const parts: Parts = {
    predicates: [],
    equalities: [],
    alternatives: [],
    present: [],
    tests: [],
    variables,
    described: true,
  }
  collect(raw, parts)
  const { tests, variables: _, ...known } = parts
  const [only, ...more] = tests
  const test: Test = only && more.length === 0 ? only : (document) => tests.every((one) => one(document))
  return { ...known, complete: known.described && known.present.length === 0, raw, test }
}

function collect(raw: RawDocument, parts: Parts): void {
  const reader = new ElementReader(raw)
  while (reader.next()) {
    const field = reader.name()
    if (field.startsWith('$')) collectLogical(field, reader.value(), parts)
    else if (isOperators(reader.value())) collectOperators(field, reader.value(), parts)
    else collectEquality(field, reader.value(), parts)
  }
}

function collectLogical(operator: string, value: RawValue, parts: Parts): void {
  if (operator === '$comment') return
  if (operator === '$and') {
    for (const branch of branchesOf(operator, value)) collect(branch, parts)
    return
  }
  parts.described = false
  if (operator === '$expr') {
    const isTrue = truthOf(compileExpression(value, parts.variables))
    parts.tests.push((document) => isTrue(new Row(document)))
    return
  }
  if (operator !== '$or' && operator !== '$nor')
    throw new MongoError(
      'BadValue',
      operator === '$where' || operator === '$text' || operator === '$jsonSchema'
        ? `${operator} is not supported`
        : `unknown top level operator: ${operator}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
    )
  const branches = branchesOf(operator, value).map((branch) => compileFilter(branch, parts.variables))
  const any: Test = (document) => branches.some((branch) => branch.test(document))
  if (operator === '$or') parts.alternatives.push(branches)
  parts.tests.push(operator === '$or' ? any : (document) => !any(document))
}

function branchesOf(operator: string, value: RawValue): RawDocument[] {
  if (value.type !== BsonType.array) throw new MongoError('BadValue', `${operator} must be an array`)
  const branches = elementsOf(value)
  if (branches.length === 0) throw new MongoError('BadValue', '$and/$or/$nor must be a nonempty array')
  return branches.map((branch) => {
    if (!isDocument(branch)) throw new MongoError('BadValue', '$or/$and/$nor entries need to be full objects')
    return nested(branch)
  })
}

function collectEquality(field: string, value: RawValue, parts: Parts): void {
  const path = pathOf(field)
  const condition = plainCondition(value)
  parts.tests.push((document) => condition.at(document, path))
  if (value.type !== BsonType.regex) parts.equalities.push([field, value])
  addPredicate(field, '$eq', [value], parts)
}

function collectOperators(field: string, value: RawValue, parts: Parts): void {
  const path = pathOf(field)
  const { variables } = parts
  const compile = (filter: RawValue): Test => compileFilter(nested(filter), variables).test
  const conditions = operatorConditions(value, compile)
  for (const condition of conditions.values()) parts.tests.push((document) => condition.at(document, path))
  const reader = new ElementReader(value.bytes, value.start)
  while (reader.next()) {
    const operator = reader.name()
    const fixed = fixedBy(operator, reader.value())
    if (fixed) parts.equalities.push([field, fixed])
    if (isComparison(operator))
      addPredicate(field, operator, operator === '$in' ? elementsOf(reader.value()) : [reader.value()], parts)
    else if (operator === '$exists' && truth(reader.value())) parts.present.push(field)
    else parts.described = false
  }
}

/** The one value that an operator leaves. */
function fixedBy(operator: string, operand: RawValue): RawValue | undefined {
  if (operator === '$eq') return operand
  if (operator !== '$in' && operator !== '$all') return undefined
  const [only, ...more] = elementsOf(operand)
  return more.length === 0 && only?.type !== BsonType.regex ? only : undefined
}

function addPredicate(
  field: string,
  comparison: Comparison,
  values: readonly RawValue[],
  parts: Parts,
): void {
  const predicate = predicateOf(field, comparison, values)
  if (predicate) parts.predicates.push(predicate)
  if (!predicate?.exact) parts.described = false
}
