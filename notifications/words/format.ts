import { placesOf } from '../../domain/money.ts'
import type { Money } from '../../domain/money.ts'
import type { Language } from './language.ts'

const locales: Readonly<Record<Language, string>> = { EN: 'en-GB', RU: 'ru-RU' }

/** Money as people of that language write it, exact at any size. */
export const moneyIn = (language: Language, { amount, currency }: Money): string => {
  const format = new Intl.NumberFormat(locales[language], { style: 'currency', currency })
  const places = placesOf(currency)
  const digits = String(amount).padStart(places + 1, '0')
  const whole = digits.slice(0, digits.length - places)
  // As text: beyond 15 digits a number would be rounded.
  return format.format(decimal(places === 0 ? whole : `${whole}.${digits.slice(-places)}`))
}

const decimal = (text: string): Intl.StringNumericLiteral => {
  if (isDecimal(text)) return text
  throw new Error(`not a number: ${text}`)
}

const isDecimal = (text: string): text is `${number}` => /^\d+(\.\d+)?$/.test(text)

/** A moment as people of that language write it; in UTC, as nobody's time zone is known. */
export const momentIn = (language: Language, at: string): string => {
  const format = new Intl.DateTimeFormat(locales[language], {
    dateStyle: 'medium',
    timeStyle: 'short',
    timeZone: 'UTC',
  })
  return `${format.format(new Date(at))} UTC`
}
