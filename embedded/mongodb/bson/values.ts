import { Decimal128 } from 'bson'
import { BsonType, type RawDocument, type RawValue } from './types.ts'

/** A number of any type as the nearest double. */
export function numberOf({ type, bytes, start }: RawValue): number {
  switch (type) {
    case BsonType.int32:
      return bytes.readInt32LE(start)
    case BsonType.int64:
      return Number(bytes.readBigInt64LE(start))
    case BsonType.double:
      return bytes.readDoubleLE(start)
    default:
      return Number(decimalOf({ type, bytes, start, end: start + 16 }).toString())
  }
}

/** The exact value of an int32 or int64. */
export function integerOf({ type, bytes, start }: RawValue): bigint {
  return type === BsonType.int32 ? BigInt(bytes.readInt32LE(start)) : bytes.readBigInt64LE(start)
}

export function decimalOf({ bytes, start }: RawValue): Decimal128 {
  return new Decimal128(bytes.subarray(start, start + 16))
}

export function textOf({ bytes, start, end }: RawValue): string {
  return bytes.toString('utf8', start + 4, end - 1)
}

export function booleanOf({ bytes, start }: RawValue): boolean {
  return bytes[start] === 1
}

export const nullValue: RawValue = valueOf(BsonType.null, Buffer.alloc(1), 0)

export function boolean(value: boolean): RawValue {
  return valueOf(BsonType.boolean, Buffer.from([value ? 1 : 0]))
}

export function int32(value: number): RawValue {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeInt32LE(value)
  return valueOf(BsonType.int32, bytes)
}

export function int64(value: bigint): RawValue {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigInt64LE(value)
  return valueOf(BsonType.int64, bytes)
}

export function double(value: number): RawValue {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeDoubleLE(value)
  return valueOf(BsonType.double, bytes)
}

export function decimal(value: Decimal128): RawValue {
  return valueOf(BsonType.decimal128, Buffer.from(value.bytes))
}

export function date(milliseconds: bigint): RawValue {
  return { ...int64(milliseconds), type: BsonType.date }
}

/** Seconds and the ordinal within the second. */
export function timestamp(seconds: number, ordinal: number): RawValue {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeUInt32LE(ordinal, 0)
  bytes.writeUInt32LE(seconds >>> 0, 4)
  return valueOf(BsonType.timestamp, bytes)
}

export function string(text: string): RawValue {
  const size = Buffer.byteLength(text)
  const bytes = Buffer.allocUnsafe(size + 5)
  bytes.writeInt32LE(size + 1)
  bytes.write(text, 4)
  bytes[size + 4] = 0
  return valueOf(BsonType.string, bytes)
}

export function documentValue(document: RawDocument): RawValue {
  return valueOf(BsonType.object, document)
}

export function arrayValue(array: RawDocument): RawValue {
  return valueOf(BsonType.array, array)
}

/** A null has no bytes of its own, but must have bytes to be in: what has none is missing. */
function valueOf(type: number, bytes: Buffer, end = bytes.length): RawValue {
  return { type, bytes, start: 0, end }
}
