import { elementsOf } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, isNumeric, typeNameOf, type RawValue } from '../../bson/types.ts'
import { boolean, booleanOf, date, int32, int64, nullValue, numberOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { compareValues } from '../compare.ts'
import { difference, product, sum, widening } from '../update/arithmetic.ts'
import type { Expression, Row } from './value.ts'

/** Makes an expression of an operator from those of its arguments; undefined if they are not as many as it takes. */
type Operator = (args: readonly Expression[]) => Expression | undefined

function comparison(holds: (order: number) => boolean): Operator {
  return (args) => {
    const [left, right, ...more] = args
    if (left === undefined || right === undefined || more.length > 0) return undefined
    return (row) => boolean(holds(compareFound(left(row), right(row))))
  }
}

/** What is not there comes before all values but MinKey. */
function compareFound(a: RawValue | undefined, b: RawValue | undefined): number {
  if (a && b) return compareValues(a, b)
  if (a === undefined && b === undefined) return 0
  return a === undefined ? (b?.type === BsonType.minKey ? 1 : -1) : a.type === BsonType.minKey ? -1 : 1
}

/** Null if one of the values is null or missing. */
function unlessNull(
  args: readonly Expression[],
  work: (values: readonly RawValue[]) => RawValue,
): Expression {
  return (row) => {
    const values: RawValue[] = []
    for (const argument of args) {
      const value = argument(row)
      if (value === undefined || value.type === BsonType.null || value.type === BsonType.undefined)
        return nullValue
      values.push(value)
    }
    return work(values)
  }
}

function checkNumeric(operator: string, supported: string, value: RawValue): void {
  if (!isNumeric(value.type))
    throw new MongoError(
      'TypeMismatch',
      `${operator} only supports ${supported} types, not ${typeNameOf(value.type)}`,
    )
}

const add: Operator = (args) =>
  unlessNull(args, (values) => {
    const dates = values.filter(({ type }) => type === BsonType.date)
    const numbers = values.filter(({ type }) => type !== BsonType.date)
    for (const value of numbers) checkNumeric('$add', 'numeric or date', value)
    const total = numbers.reduce<RawValue>((a, b) => widening(sum, a, b), int32(0))
    const [first, ...others] = dates
    if (first === undefined) return total
    if (others.length > 0)
      throw new MongoError('Location16612', 'only one date allowed in an $add expression')
    return later(first, numberOf(total))
  })

const multiply: Operator = (args) =>
  unlessNull(args, (values) => {
    for (const value of values) checkNumeric('$multiply', 'numeric', value)
    return values.reduce<RawValue>((a, b) => widening(product, a, b), int32(1))
  })

const subtract: Operator = (args) => {
  if (args.length !== 2) return undefined
  return unlessNull(args, ([left = nullValue, right = nullValue]) => {
    if (left.type === BsonType.date && right.type === BsonType.date)
      return int64(timeOf(left) - timeOf(right))
    if (left.type === BsonType.date) {
      checkNumeric('$subtract', 'numeric or date', right)
      return later(left, -numberOf(right))
    }
    for (const value of [left, right]) checkNumeric('$subtract', 'numeric or date', value)
    return widening(difference, left, right)
  })
}

function timeOf({ bytes, start }: RawValue): bigint {
  return bytes.readBigInt64LE(start)
}

function later(value: RawValue, milliseconds: number): RawValue {
  return date(timeOf(value) + BigInt(Math.round(milliseconds)))
}

const ifNull: Operator = (args) => {
  if (args.length < 2) return undefined
  return (row) => {
    let value: RawValue | undefined
    for (const argument of args) {
      value = argument(row)
      if (value !== undefined && value.type !== BsonType.null && value.type !== BsonType.undefined)
        return value
    }
    return value
  }
}

const condition: Operator = ([test, yes, no, ...more]) =>
  test && yes && no && more.length === 0 ? (row) => (isTruth(test(row)) ? yes : no)(row) : undefined

const operators: Readonly<Record<string, Operator>> = {
  $eq: comparison((order) => order === 0),
  $ne: comparison((order) => order !== 0),
  $gt: comparison((order) => order > 0),
  $gte: comparison((order) => order >= 0),
  $lt: comparison((order) => order < 0),
  $lte: comparison((order) => order <= 0),
  $cmp: ([left, right, ...more]) =>
    left && right && more.length === 0
      ? (row) => int32(Math.sign(compareFound(left(row), right(row))))
      : undefined,
  $and: (args) => (row) => boolean(args.every((argument) => isTruth(argument(row)))),
  $or: (args) => (row) => boolean(args.some((argument) => isTruth(argument(row)))),
  $not: ([argument, ...more]) =>
    argument && more.length === 0 ? (row) => boolean(!isTruth(argument(row))) : undefined,
  $add: add,
  $multiply: multiply,
  $subtract: subtract,
  $ifNull: ifNull,
  $cond: condition,
}

/** An operator that is worked out on the bytes, with MongoDB's types; undefined for all others. */
export function compileOperator(
  operator: string,
  operand: RawValue,
  compile: (expression: RawValue) => Expression,
): Expression | undefined {
  const make = operators[operator]
  return make?.(argumentsOf(operator, operand).map(compile))
}

/** A list of arguments, or the only one; those of `$cond` may have names. */
function argumentsOf(operator: string, operand: RawValue): RawValue[] {
  if (operand.type === BsonType.array) return elementsOf(operand)
  if (operator !== '$cond' || operand.type !== BsonType.object) return [operand]
  return ['if', 'then', 'else'].flatMap((name) => {
    const reader = new ElementReader(operand.bytes, operand.start)
    return reader.seek(name) ? [reader.value()] : []
  })
}

/** False, null, 0 and what isn't there are false; all else is true. */
export function isTruth(value: RawValue | undefined): boolean {
  if (value === undefined || value.type === BsonType.null || value.type === BsonType.undefined) return false
  if (value.type === BsonType.boolean) return booleanOf(value)
  return !isNumeric(value.type) || numberOf(value) !== 0
}

/** `$expr`: the documents for which the expression is true. */
export function truthOf(expression: Expression): (row: Row) => boolean {
  return (row) => isTruth(expression(row))
}
