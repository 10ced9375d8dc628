import { toValue, rawValue } from '../../bson/codec.ts'
import { BsonType, isNumeric, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'

/** `$inc` with MongoDB's types: integers stay integers (int32 widens to int64), a double on either side makes a double. */
export function add(old: RawValue | undefined, by: RawValue, field: string): RawValue {
  if (!isNumeric(by.type))
    throw new MongoError(
      'TypeMismatch',
      `Cannot increment with non-numeric argument: {${field}: ${JSON.stringify(toValue(by))}}`,
    )
  if (old === undefined) return by
  if (!isNumeric(old.type))
    throw new MongoError(
      'TypeMismatch',
      `Cannot apply $inc to a value of non-numeric type. Field '${field}' is not a number`,
    )
  if (old.type === BsonType.decimal128 || by.type === BsonType.decimal128)
    throw new MongoError('BadValue', `$inc on Decimal128 is not supported here (field '${field}')`)
  if (old.type === BsonType.double || by.type === BsonType.double) return double(numberOf(old) + numberOf(by))
  const sum = integerOf(old) + integerOf(by)
  if (BigInt.asIntN(64, sum) !== sum)
    throw new MongoError(
      'BadValue',
      `Failed to apply $inc operations to current value of field '${field}': out of int64 range`,
    )
  const narrow = old.type === BsonType.int32 && by.type === BsonType.int32 && BigInt.asIntN(32, sum) === sum
  return narrow ? rawValue(Number(sum)) : int64(sum)
}

function numberOf({ type, bytes, start }: RawValue): number {
  if (type === BsonType.int32) return bytes.readInt32LE(start)
  if (type === BsonType.int64) return Number(bytes.readBigInt64LE(start))
  return bytes.readDoubleLE(start)
}

function integerOf({ type, bytes, start }: RawValue): bigint {
  return type === BsonType.int32 ? BigInt(bytes.readInt32LE(start)) : bytes.readBigInt64LE(start)
}

function double(value: number): RawValue {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(value)
  return { type: BsonType.double, bytes, start: 0, end: 8 }
}

function int64(value: bigint): RawValue {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64LE(value)
  return { type: BsonType.int64, bytes, start: 0, end: 8 }
}
