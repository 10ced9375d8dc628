import { BsonType, type RawValue } from '../../bson/types.ts'
import { decimalOf } from '../../bson/values.ts'
import type { KeyWriter } from './key-writer.ts'

const exact = 0x80
const below = 0x7f
const above = 0x81
/** The digits of a Decimal128; a long has fewer. */
const mostDigits = 34
/** Makes the exponents of Decimal128 positive. */
const exponentShift = 7_000

/**
 * Numbers of every BSON type in one order: the nearest double, sortable, then (only where the double isn't the number
 * itself) on which side of it the number is, and all its digits. So Int32 1, Long 1 and Double 1 share one key, and
 * Long 2^53+1 still sorts above 2^53.
 */
export function writeNumber(out: KeyWriter, value: RawValue): void {
  const { type, bytes, start } = value
  switch (type) {
    case BsonType.int32:
      writeExact(out, bytes.readInt32LE(start))
      return
    case BsonType.double:
      writeExact(out, bytes.readDoubleLE(start))
      return
    case BsonType.int64:
      writeLong(out, bytes.readBigInt64LE(start))
      return
    default:
      writeDecimal(out, decimalOf(value).toString())
  }
}

function writeExact(out: KeyWriter, value: number): void {
  writeSortable(out, value)
  out.byte(exact)
}

function writeLong(out: KeyWriter, value: bigint): void {
  const nearest = Number(value)
  writeSortable(out, nearest)
  writeSide(out, { digits: value, exponent: 0 }, Number(value - BigInt(nearest)))
}

function writeDecimal(out: KeyWriter, text: string): void {
  const double = Number(text)
  if (/^-?(NaN|Infinity)/.test(text)) {
    writeExact(out, double)
    return
  }
  const value = parsed(text)
  // A number may be beyond all doubles, but it is not infinite.
  const nearest = Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, double))
  writeSortable(out, nearest)
  writeSide(out, value, compareWithDouble(value, nearest))
}

/** An integer times a power of ten. */
interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

function writeSide(out: KeyWriter, value: Decimal, side: number): void {
  if (side === 0) {
    out.byte(exact)
    return
  }
  out.byte(side < 0 ? below : above)
  const start = out.length
  const negative = value.digits < 0n
  const digits = (negative ? -value.digits : value.digits).toString()
  out.uint16(value.exponent + digits.length + exponentShift)
  out.uint128(BigInt(digits.padEnd(mostDigits, '0')))
  if (negative) out.invertFrom(start)
}

/** Eight bytes that compare as the doubles do; NaN below everything, as in MongoDB. */
function writeSortable(out: KeyWriter, value: number): void {
  out.reserve(8)
  const { bytes, length } = out
  out.length += 8
  if (Number.isNaN(value)) {
    bytes.fill(0, length, length + 8)
    return
  }
  bytes.writeDoubleBE(value === 0 ? 0 : value, length)
  const first = bytes.readUInt8(length)
  if (first < 0x80) bytes[length] = first | 0x80
  else for (let i = length; i < length + 8; i++) bytes[i] = ~bytes.readUInt8(i)
}

function parsed(text: string): Decimal {
  const [mantissa = '0', exponent = '0'] = text.toUpperCase().split('E')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return {
    digits: BigInt(`${whole}${fraction}`.replace('+', '')),
    exponent: Number(exponent) - fraction.length,
  }
}

/** Exactly: a double is an integer times a power of two, so both become integers over one denominator. */
function compareWithDouble({ digits, exponent }: Decimal, double: number): number {
  let mantissa = double
  let denominator = 1n
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    denominator *= 2n
  }
  const scale = 10n ** BigInt(Math.abs(exponent))
  const left = digits * denominator * (exponent > 0 ? scale : 1n)
  const right = BigInt(mantissa) * (exponent < 0 ? scale : 1n)
  if (left === right) return 0
  return left < right ? -1 : 1
}
