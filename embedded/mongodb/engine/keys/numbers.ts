import { Decimal128 } from 'bson'
import { BsonType, type RawValue } from '../../bson/types.ts'
import type { KeyWriter } from './key-writer.ts'

const exact = 0x80
const below = 0x7f
const above = 0x81

/**
 * Numbers of every BSON type in one order: the nearest double, sortable, then (only where the double isn't the number
 * itself) the difference. So Int32 1, Long 1 and Double 1 share one key, and Long 2^53+1 still sorts above 2^53.
 */
export function writeNumber(out: KeyWriter, { type, bytes, start }: RawValue): void {
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
      writeDecimal(out, new Decimal128(bytes.subarray(start, start + 16)).toString())
  }
}

function writeExact(out: KeyWriter, value: number): void {
  writeSortable(out, value)
  out.byte(exact)
}

function writeLong(out: KeyWriter, value: bigint): void {
  const nearest = Number(value)
  writeSortable(out, nearest)
  writeRest(out, Number(value - BigInt(nearest)))
}

function writeDecimal(out: KeyWriter, text: string): void {
  const nearest = Number(text)
  writeSortable(out, nearest)
  writeRest(out, Number.isFinite(nearest) ? difference(text, nearest) : 0)
}

function writeRest(out: KeyWriter, rest: number): void {
  if (rest === 0) {
    out.byte(exact)
    return
  }
  out.byte(rest < 0 ? below : above)
  writeSortable(out, rest)
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

/** `text - double` as fractions of big integers: both are exact decimals, so nothing is lost before the last rounding. */
function difference(text: string, double: number): number {
  const left = fractionOfText(text)
  const right = fractionOfDouble(double)
  const numerator = left.numerator * right.denominator - right.numerator * left.denominator
  return ratio(numerator, left.denominator * right.denominator)
}

interface Fraction {
  readonly numerator: bigint
  readonly denominator: bigint
}

function fractionOfText(text: string): Fraction {
  const [mantissa = '0', exponent = '0'] = text.toUpperCase().split('E')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  const digits = BigInt(`${whole}${fraction}`.replace('+', ''))
  const scale = Number(exponent) - fraction.length
  return scale >= 0
    ? { numerator: digits * 10n ** BigInt(scale), denominator: 1n }
    : { numerator: digits, denominator: 10n ** BigInt(-scale) }
}

function fractionOfDouble(value: number): Fraction {
  let mantissa = value
  let denominator = 1n
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2
    denominator *= 2n
  }
  return { numerator: BigInt(mantissa), denominator }
}

/** The quotient as a double with the right sign, also where both numbers are far beyond a double's range. */
function ratio(numerator: bigint, denominator: bigint): number {
  if (numerator === 0n) return 0
  const sign = numerator < 0n ? -1 : 1
  const positive = numerator < 0n ? -numerator : numerator
  const shift = bits(denominator) - bits(positive) + 64
  const scaled =
    shift >= 0 ? (positive << BigInt(shift)) / denominator : positive / (denominator << BigInt(-shift))
  return sign * Math.max(Number(scaled) * 2 ** -shift, Number.MIN_VALUE)
}

function bits(value: bigint): number {
  return value.toString(16).length * 4
}
