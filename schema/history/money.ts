import type { Money } from '../../domain/money.ts'

/** Money as people write it, exact at any size: 1999 EUR is `19.99 EUR`, 1999 JPY is `1999 JPY`. */
export const written = ({ amount, currency }: Money): string => {
  const places = placesOf(currency)
  const digits = String(amount).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  return places === 0 ? `${whole} ${currency}` : `${whole}.${digits.slice(-places)} ${currency}`
}

/** Digits of the minor unit, as ISO 4217 has them. */
const placesOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
