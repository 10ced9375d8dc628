import { elementsOf, nested } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, isNumeric, type RawValue } from '../../bson/types.ts'
import { booleanOf, numberOf, textOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { isComparison, type Comparison } from '../predicate.ts'
import { bitTest } from './bits.ts'
import { compares, equals, isOneOf } from './comparison.ts'
import { anyOf, element, every, not, some, whole, type Condition } from './condition.ts'
import { hasRest } from './modulo.ts'
import { matchesPattern, regexOf } from './pattern.ts'
import { isOfType } from './types.ts'

/** Compiles the filter of one element that is a document: `$elemMatch` of fields. */
export type CompileDocument = (filter: RawValue) => (document: Buffer) => boolean

const refused = new Set([
  '$where',
  '$text',
  '$near',
  '$nearSphere',
  '$geoWithin',
  '$geoIntersects',
  '$within',
  '$jsonSchema',
])

/** True if a value is a document of operators, and not one to be equal to. */
export function isOperators(value: RawValue): boolean {
  if (value.type !== BsonType.object) return false
  const reader = new ElementReader(value.bytes, value.start)
  return reader.next() && reader.bytes[reader.nameStart] === 0x24 && !isReference(reader)
}

/** `$ref`, `$id` and `$db` are the fields of a reference to a document, which is a value. */
function isReference(reader: ElementReader): boolean {
  return reader.nameIs('$ref') || reader.nameIs('$id') || reader.nameIs('$db')
}

/** `{ field: value }`: equal to it, or found by it if it is an expression. */
export function plainCondition(value: RawValue): Condition {
  if (value.type === BsonType.regex) return some(patternOf(value))
  if (value.type === BsonType.undefined) throw new MongoError('BadValue', 'cannot compare to undefined')
  return some(equals(value))
}

/** All operators of one field, as `{ $gt: 1, $lt: 5 }`. */
export function operatorConditions(value: RawValue, compile: CompileDocument): Map<string, Condition> {
  const conditions = new Map<string, Condition>()
  const options = new ElementReader(value.bytes, value.start)
  const hasOptions = options.seek('$options')
  const reader = new ElementReader(value.bytes, value.start)
  while (reader.next()) {
    const operator = reader.name()
    if (operator === '$options') {
      if (!conditions.has('$regex') && !new ElementReader(value.bytes, value.start).seek('$regex'))
        throw new MongoError('BadValue', '$options needs a $regex')
    } else if (operator === '$regex')
      conditions.set(operator, some(regexTest(reader.value(), hasOptions ? options.value() : undefined)))
    else conditions.set(operator, operatorCondition(operator, reader.value(), compile))
  }
  return conditions
}

function operatorCondition(operator: string, operand: RawValue, compile: CompileDocument): Condition {
  if (isComparison(operator)) return comparison(operator, operand)
  const bits = bitTest(operator, operand)
  if (bits) return some(bits)
  switch (operator) {
    case '$ne':
      if (operand.type === BsonType.regex) throw new MongoError('BadValue', "Can't have regex as arg to $ne.")
      return not(comparison('$eq', operand))
    case '$nin':
      return not(memberOf('$nin', operand))
    case '$not':
      return negation(operand, compile)
    case '$exists': {
      const wanted = truth(operand)
      return whole((value) => (value !== undefined) === wanted)
    }
    case '$type':
      return some(isOfType(operand))
    case '$mod':
      return some(hasRest(operand))
    case '$size':
      return sizeCondition(operand)
    case '$all':
      return allOf(operand, compile)
    case '$elemMatch':
      return element(elementTest(operand, compile))
    default:
      throw unknownOperator(operator)
  }
}

function unknownOperator(operator: string): MongoError {
  return new MongoError(
    'BadValue',
    refused.has(operator) ? `${operator} is not supported` : `unknown operator: ${operator}`,
  )
}

function comparison(operator: Comparison, operand: RawValue): Condition {
  if (operator === '$in') return memberOf('$in', operand)
  if (operand.type === BsonType.undefined) throw new MongoError('BadValue', 'cannot compare to undefined')
  if (operator === '$eq') return some(equals(operand))
  if (operand.type === BsonType.regex)
    throw new MongoError('BadValue', `Can't have RegEx as arg to predicate ${operator}`)
  return some(compares(operator, operand))
}

function memberOf(operator: '$in' | '$nin', operand: RawValue): Condition {
  if (operand.type !== BsonType.array) throw new MongoError('BadValue', `${operator} needs an array`)
  const operands = elementsOf(operand)
  if (operands.some(isOperators)) throw new MongoError('BadValue', `cannot nest $ under ${operator}`)
  const plain = operands.filter(({ type }) => type !== BsonType.regex)
  const patterns = operands
    .filter(({ type }) => type === BsonType.regex)
    .map((value) => some(patternOf(value)))
  return patterns.length === 0 ? some(isOneOf(plain)) : anyOf([some(isOneOf(plain)), ...patterns])
}

function negation(operand: RawValue, compile: CompileDocument): Condition {
  if (operand.type === BsonType.regex) return not(some(patternOf(operand)))
  if (operand.type !== BsonType.object) throw new MongoError('BadValue', '$not needs a regex or a document')
  const conditions = [...operatorConditions(checkedOperators(operand, '$not'), compile).values()]
  return not(every(conditions))
}

function checkedOperators(operand: RawValue, operator: string): RawValue {
  const reader = new ElementReader(operand.bytes, operand.start)
  if (!reader.next()) throw new MongoError('BadValue', `${operator} cannot be empty`)
  if (reader.bytes[reader.nameStart] !== 0x24) throw unknownOperator(reader.name())
  return operand
}

function sizeCondition(operand: RawValue): Condition {
  const size = isNumeric(operand.type) ? numberOf(operand) : NaN
  if (!Number.isInteger(size) || size < 0)
    throw new MongoError(
      'BadValue',
      `Failed to parse $size. Expected a non-negative number in: $size: ${Number.isNaN(size) ? 'not a number' : size}`,
    )
  return whole((value) => value?.type === BsonType.array && elementsOf(value).length === size)
}

function allOf(operand: RawValue, compile: CompileDocument): Condition {
  if (operand.type !== BsonType.array) throw new MongoError('BadValue', '$all needs an array')
  const operands = elementsOf(operand)
  if (operands.length === 0) return some(() => false)
  return every(
    operands.map((value) => {
      if (!isOperators(value)) return plainCondition(value)
      const reader = new ElementReader(value.bytes, value.start)
      if (!reader.next() || !reader.nameIs('$elemMatch'))
        throw new MongoError('BadValue', 'no $ expressions in $all')
      return element(elementTest(reader.value(), compile))
    }),
  )
}

/** Of the values in an array if the operand is made of operators, else of the documents in it. */
export function elementTest(operand: RawValue, compile: CompileDocument): (element: RawValue) => boolean {
  if (operand.type !== BsonType.object) throw new MongoError('BadValue', '$elemMatch needs an Object')
  const reader = new ElementReader(operand.bytes, operand.start)
  const first = reader.next() ? reader.name() : ''
  const logical = first === '$and' || first === '$or' || first === '$nor' || first === '$expr'
  if (isOperators(operand) && !logical) {
    const condition = every([...operatorConditions(operand, compile).values()])
    return (value) => condition.of(value)
  }
  const matches = compile(operand)
  return (value) =>
    (value.type === BsonType.object || value.type === BsonType.array) && matches(nested(value))
}

function patternOf(value: RawValue) {
  const { source, options } = regexOf(value)
  return matchesPattern(source, options)
}

function regexTest(pattern: RawValue, given: RawValue | undefined) {
  if (given && given.type !== BsonType.string) throw new MongoError('BadValue', '$options has to be a string')
  if (pattern.type === BsonType.regex) {
    const { source, options } = regexOf(pattern)
    if (given && options !== '')
      throw new MongoError('Location51075', 'options set in both $regex and $options')
    return matchesPattern(source, given ? textOf(given) : options)
  }
  if (pattern.type !== BsonType.string) throw new MongoError('BadValue', '$regex has to be a string')
  return matchesPattern(textOf(pattern), given ? textOf(given) : '')
}

export function truth(value: RawValue): boolean {
  if (value.type === BsonType.boolean) return booleanOf(value)
  if (isNumeric(value.type)) return numberOf(value) !== 0
  return value.type !== BsonType.null && value.type !== BsonType.undefined
}
