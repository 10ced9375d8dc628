import { z } from 'zod'

/** The largest sum that a wallet, an order or a payment may hold: 2^53 − 1 minor units. */
export const MAX_MINOR_UNITS = Number.MAX_SAFE_INTEGER

/** An amount that is moved: 1 … 2^53 − 1 minor units (cents for EUR, yen for JPY). */
export const Amount = z.int().min(1).max(MAX_MINOR_UNITS)

/** A sum that is held: 0 … 2^53 − 1 minor units. */
export const Balance = z.int().min(0).max(MAX_MINOR_UNITS)

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))

/** An ISO 4217 code as the runtime's own currency table knows it. */
export const CurrencyCode = z
  .string()
  .refine((code) => currencies.has(code), 'must be an ISO 4217 currency code such as EUR')

/** Digits of a currency's minor unit: 2 for EUR, 0 for JPY. */
export const placesOf = (currency: string): number =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2

/** Money that is moved: integer minor units of one currency. */
export const Money = z.object({ amount: Amount, currency: CurrencyCode })
export type Money = z.infer<typeof Money>

/** True if both amounts together stay within the bound that the product promises. */
export const fits = (held: number, added: number): boolean => held <= MAX_MINOR_UNITS - added

/** Money as it comes in: any integer, because an amount out of range has a typed answer of its own. */
export const MoneyInput = z.object({ amount: z.number().refine(Number.isInteger), currency: CurrencyCode })
export type MoneyInput = z.infer<typeof MoneyInput>

/** True if the amount is one that can be moved at all. */
export const isMovable = (money: MoneyInput): money is Money => Amount.safeParse(money.amount).success
