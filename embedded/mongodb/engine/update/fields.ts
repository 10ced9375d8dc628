import { show } from '../../bson/show.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, typeNameOf, type RawValue } from '../../bson/types.ts'
import { date, int32, int64, integerOf, textOf, timestamp } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { compareValues } from '../compare.ts'
import { checkNumber, compute, product, sum, zeroLike, type Arithmetic } from './arithmetic.ts'
import { existing, named, type Modifier } from './modifier.ts'

/** Makes the change that an operator asks for, from the path and its operand. */
export type FieldOperator = (
  path: string,
  operand: RawValue,
) => Pick<Modifier, 'creates' | 'apply' | 'onInsertOnly'>

const set: FieldOperator = (_, operand) => ({
  creates: true,
  apply: (parent, name) => parent.set(name, operand),
})

const unset: FieldOperator = () => ({
  creates: false,
  apply: (parent, name) => {
    if (parent.get(name) !== undefined) parent.remove(name)
  },
})

function arithmetic(kind: Arithmetic): FieldOperator {
  return (path, operand) => {
    checkNumber(kind, path, operand)
    return {
      creates: true,
      apply: (parent, name, subject) => {
        const old = existing(parent, name)
        const whenMissing = kind === sum ? operand : zeroLike(operand)
        const describe = (): string => `${named(subject)} has the field '${name}'`
        parent.set(name, old === undefined ? whenMissing : compute(kind, old, operand, describe))
      },
    }
  }
}

/** `$min` and `$max`: the one that comes first, or last, in the order of all types. */
function extreme(sign: 1 | -1): FieldOperator {
  return (_, operand) => ({
    creates: true,
    apply: (parent, name) => {
      const old = existing(parent, name)
      if (old === undefined || compareValues(operand, old) * sign > 0) parent.set(name, operand)
    },
  })
}

const currentDate: FieldOperator = (path, operand) => {
  const stamp = wantsTimestamp(path, operand)
  return {
    creates: true,
    apply: (parent, name, { now }) =>
      parent.set(name, stamp ? timestamp(Math.floor(now / 1000), 1) : date(BigInt(now))),
  }
}

function wantsTimestamp(path: string, operand: RawValue): boolean {
  if (operand.type === BsonType.boolean) return false
  if (operand.type !== BsonType.object)
    throw new MongoError(
      'BadValue',
      `${typeNameOf(operand.type)} is not valid type for $currentDate. Please use a boolean ('true') or a $type expression ({$type: 'timestamp/date'}).`,
    )
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) {
    if (!reader.nameIs('$type'))
      throw new MongoError('BadValue', `Unrecognized $currentDate option: ${reader.name()}`)
    const type = reader.type === BsonType.string ? textOf(reader.value()) : ''
    if (type === 'timestamp') return true
    if (type !== 'date')
      throw new MongoError(
        'BadValue',
        `The '$type' string field is required to be 'date' or 'timestamp': {$currentDate: {${path}: {$type: 'date'}}}`,
      )
  }
  return false
}

const bitwise: Readonly<Record<string, (a: bigint, b: bigint) => bigint>> = {
  and: (a, b) => a & b,
  or: (a, b) => a | b,
  xor: (a, b) => a ^ b,
}

const bit: FieldOperator = (path, operand) => {
  const steps = bitSteps(operand)
  return {
    creates: true,
    apply: (parent, name, subject) => {
      const old = existing(parent, name) ?? int32(0)
      if (!isInteger(old))
        throw new MongoError(
          'BadValue',
          `Cannot apply $bit to a value of non-integral type.${named(subject)} has the field ${path} of non-integer type ${typeNameOf(old.type)}`,
        )
      const wide = old.type === BsonType.int64 || steps.some(([, { type }]) => type === BsonType.int64)
      const result = steps.reduce((value, [change, by]) => change(value, integerOf(by)), integerOf(old))
      parent.set(name, wide ? int64(result) : int32(Number(result)))
    },
  }
}

function bitSteps(operand: RawValue): [change: (a: bigint, b: bigint) => bigint, by: RawValue][] {
  if (operand.type !== BsonType.object)
    throw new MongoError(
      'BadValue',
      `The $bit modifier is not compatible with a ${typeNameOf(operand.type)}. You must pass in an embedded document: {$bit: {field: {and/or/xor: #}}`,
    )
  const steps: ReturnType<typeof bitSteps> = []
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) {
    const change = bitwise[reader.name()]
    if (change === undefined)
      throw new MongoError(
        'BadValue',
        `The $bit modifier only supports 'and', 'or', and 'xor', not '${reader.name()}' which is an unknown operator: {${reader.name()}: ${show(reader.value())}}`,
      )
    if (!isInteger(reader.value()))
      throw new MongoError(
        'BadValue',
        `The $bit modifier field must be an Integer(32/64 bit); a '${typeNameOf(reader.type)}' is not supported here: {${reader.name()}: ${show(reader.value())}}`,
      )
    steps.push([change, reader.value()])
  }
  if (steps.length === 0)
    throw new MongoError(
      'BadValue',
      'You must pass in at least one bitwise operation. The format is: {$bit: {field: {and/or/xor: #}}',
    )
  return steps
}

function isInteger({ type }: RawValue): boolean {
  return type === BsonType.int32 || type === BsonType.int64
}

/** The operators on the value of one field. */
export const fieldOperators: Readonly<Record<string, FieldOperator>> = {
  $set: set,
  $setOnInsert: (path, operand) => ({ ...set(path, operand), onInsertOnly: true }),
  $unset: unset,
  $inc: arithmetic(sum),
  $mul: arithmetic(product),
  $min: extreme(-1),
  $max: extreme(1),
  $currentDate: currentDate,
  $bit: bit,
}
