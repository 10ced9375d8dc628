import { show } from '../../bson/show.ts'
import { BsonType, isNumeric, typeNameOf, type RawValue } from '../../bson/types.ts'
import { decimal, double, int32, int64, integerOf, numberOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { addDecimals, multiplyDecimals } from './decimals.ts'

/** A sum or product with MongoDB's types: the wider of the two, and int64 where an int32 would overflow. */
export interface Arithmetic {
  readonly operator: '$inc' | '$mul'
  readonly verb: string
  readonly integers: (a: bigint, b: bigint) => bigint
  readonly doubles: (a: number, b: number) => number
  readonly decimals: typeof addDecimals
}

export const sum: Arithmetic = {
  operator: '$inc',
  verb: 'increment',
  integers: (a, b) => a + b,
  doubles: (a, b) => a + b,
  decimals: addDecimals,
}

export const difference: Arithmetic = {
  operator: '$inc',
  verb: 'subtract',
  integers: (a, b) => a - b,
  doubles: (a, b) => a - b,
  decimals: (a, b) => addDecimals(a, negated(b)),
}

export const product: Arithmetic = {
  operator: '$mul',
  verb: 'multiply',
  integers: (a, b) => a * b,
  doubles: (a, b) => a * b,
  decimals: multiplyDecimals,
}

export function checkNumber({ verb }: Arithmetic, path: string, operand: RawValue): void {
  if (!isNumeric(operand.type))
    throw new MongoError(
      'TypeMismatch',
      `Cannot ${verb} with non-numeric argument: {${path}: ${show(operand)}}`,
    )
}

export function compute(
  arithmetic: Arithmetic,
  old: RawValue,
  by: RawValue,
  describe: () => string,
): RawValue {
  const { operator, integers, doubles, decimals } = arithmetic
  if (!isNumeric(old.type))
    throw new MongoError(
      'TypeMismatch',
      `Cannot apply ${operator} to a value of non-numeric type. ${describe()} of non-numeric type ${typeNameOf(old.type)}`,
    )
  if (old.type === BsonType.decimal128 || by.type === BsonType.decimal128) return decimal(decimals(old, by))
  if (old.type === BsonType.double || by.type === BsonType.double)
    return double(doubles(numberOf(old), numberOf(by)))
  const result = integers(integerOf(old), integerOf(by))
  if (BigInt.asIntN(64, result) !== result)
    throw new MongoError(
      'BadValue',
      `Failed to apply ${operator} operations to current value (${show(old)}) for document: ${describe()} of type ${typeNameOf(old.type)}`,
    )
  return integer(result, old, by)
}

/** What `$mul` makes of a field that isn't there: zero, of the operand's type. */
export function zeroLike({ type }: RawValue): RawValue {
  if (type === BsonType.int32) return int32(0)
  if (type === BsonType.int64) return int64(0n)
  if (type === BsonType.double) return double(0)
  return decimal(multiplyDecimals(int32(0), int32(0)))
}

/** In a pipeline an int64 that would overflow becomes a double instead of a refusal. */
export function widening(arithmetic: Arithmetic, a: RawValue, b: RawValue): RawValue {
  if (!isInteger(a) || !isInteger(b)) return compute(arithmetic, a, b, () => '')
  const result = arithmetic.integers(integerOf(a), integerOf(b))
  if (BigInt.asIntN(64, result) !== result) return double(Number(result))
  return integer(result, a, b)
}

/** An int32 where both were and it fits, else an int64. */
function integer(result: bigint, a: RawValue, b: RawValue): RawValue {
  const narrow =
    a.type === BsonType.int32 && b.type === BsonType.int32 && BigInt.asIntN(32, result) === result
  return narrow ? int32(Number(result)) : int64(result)
}

function negated(value: RawValue): RawValue {
  return compute(product, value, int32(-1), () => '')
}

function isInteger({ type }: RawValue): boolean {
  return type === BsonType.int32 || type === BsonType.int64
}
