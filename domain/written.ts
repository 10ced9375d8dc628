import { placesOf } from './money.ts'
import type { Money } from './money.ts'

/** Money as people write it, exact at any size: 1999 EUR is `19.99 EUR`, 1999 JPY is `1999 JPY`. */
export const written = ({ amount, currency }: Money): string => {
  const places = placesOf(currency)
  const digits = String(amount).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  return places === 0 ? `${whole} ${currency}` : `${whole}.${digits.slice(-places)} ${currency}`
}
