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

/** Money that is moved: integer minor units of one currency. */
export const Money = z.object({ amount: Amount, currency: CurrencyCode })
export type Money = z.infer<typeof Money>

/** True if both amounts together stay within the bound that the product promises. */
export const fits = (held: number, added: number): boolean => held <= MAX_MINOR_UNITS - added
