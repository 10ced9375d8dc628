import { Decimal128 } from 'bson'
import { BsonType, type RawValue } from '../../bson/types.ts'
import { decimalOf, integerOf, numberOf } from '../../bson/values.ts'

const mostDigits = 34
const most = 10n ** BigInt(mostDigits)

/** coefficient × 10^exponent, or one of the values that are no number of digits. */
type Decimal = { readonly coefficient: bigint; readonly exponent: number } | { readonly special: number }

export function addDecimals(a: RawValue, b: RawValue): Decimal128 {
  const [left, right] = [partsOf(a), partsOf(b)]
  if ('special' in left || 'special' in right) return special(approximate(left) + approximate(right))
  const exponent = Math.min(left.exponent, right.exponent)
  const scaled = ({ coefficient, exponent: own }: typeof left): bigint =>
    coefficient * 10n ** BigInt(own - exponent)
  return rounded(scaled(left) + scaled(right), exponent)
}

export function multiplyDecimals(a: RawValue, b: RawValue): Decimal128 {
  const [left, right] = [partsOf(a), partsOf(b)]
  if ('special' in left || 'special' in right) return special(approximate(left) * approximate(right))
  return rounded(left.coefficient * right.coefficient, left.exponent + right.exponent)
}

export function divideDecimal(a: RawValue, by: number): Decimal128 {
  const parts = partsOf(a)
  if ('special' in parts) return special(parts.special / by)
  // Twice the digits that are kept: what is cut off can't change the rounding but in a tie.
  const scale = 2 * mostDigits
  return rounded((parts.coefficient * 10n ** BigInt(scale)) / BigInt(by), parts.exponent - scale)
}

/** At most 34 digits, halves to even. */
function rounded(coefficient: bigint, exponent: number): Decimal128 {
  let [digits, power] = [coefficient < 0n ? -coefficient : coefficient, exponent]
  const excess = digits.toString().length - mostDigits
  if (excess > 0) {
    const unit = 10n ** BigInt(excess)
    const [whole, rest] = [digits / unit, digits % unit]
    const up = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n)
    digits = whole + (up ? 1n : 0n)
    power += excess
    if (digits === most) [digits, power] = [digits / 10n, power + 1]
  }
  return Decimal128.fromString(`${coefficient < 0n ? '-' : ''}${digits}E${power}`)
}

/** A double counts with 15 digits, as MongoDB converts it. */
function partsOf(value: RawValue): Decimal {
  if (value.type === BsonType.int32 || value.type === BsonType.int64)
    return { coefficient: integerOf(value), exponent: 0 }
  if (value.type === BsonType.decimal128) return parsed(decimalOf(value).toString())
  const double = numberOf(value)
  return Number.isFinite(double) ? parsed(double.toPrecision(15)) : { special: double }
}

function parsed(text: string): Decimal {
  if (!/^[-+]?[\d.]/.test(text)) return { special: Number(text) }
  const [mantissa = '0', exponent = '0'] = text.toUpperCase().split('E')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return {
    coefficient: BigInt(`${whole}${fraction}`.replace('+', '')),
    exponent: Number(exponent) - fraction.length,
  }
}

function approximate(decimal: Decimal): number {
  if ('special' in decimal) return decimal.special
  return Number(`${decimal.coefficient}E${decimal.exponent}`)
}

function special(value: number): Decimal128 {
  return Decimal128.fromString(Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity')
}
