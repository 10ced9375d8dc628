import type { Catalogue } from '../catalogue/product.ts'
import { fits } from '../domain/money.ts'
import type { Money } from '../domain/money.ts'
import { MAX_LINES, MAX_QUANTITY } from '../domain/product.ts'
import type { Sku } from '../domain/product.ts'
import { refuse } from '../eventstore/decision.ts'
import type { Refusal } from '../eventstore/decision.ts'
import type { OrderLine } from './events.ts'

/** So many pieces of a product, as somebody asks for them. */
export interface Wanted {
  readonly sku: Sku
  readonly quantity: number
}

export type PricingRefusal =
  | { readonly code: 'EMPTY_ORDER' }
  | { readonly code: 'TOO_MANY_LINES'; readonly most: number }
  | { readonly code: 'QUANTITY_OUT_OF_RANGE'; readonly most: number }
  | { readonly code: 'UNKNOWN_PRODUCT'; readonly sku: Sku }
  | { readonly code: 'MIXED_CURRENCIES' }
  | { readonly code: 'AMOUNT_OUT_OF_RANGE' }

export interface Priced {
  readonly refused?: never
  readonly lines: OrderLine[]
  readonly price: Money
}

/** The same product asked for twice is one line. */
export const merged = (wanted: readonly Wanted[]): readonly Wanted[] => {
  const quantities = new Map<Sku, number>()
  for (const { sku, quantity } of wanted) {
    const before = quantities.get(sku) ?? 0
    // One that nobody may ask for stays so, whatever is added to it.
    quantities.set(sku, before < 0 || quantity < 1 ? -1 : before + quantity)
  }
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }))
}

/**
 * What these pieces cost now: names and prices as the catalogue has them, which the order keeps. Throws
 * `CatalogueUnavailable`.
 */
export const priceOf = async (
  catalogue: Catalogue,
  wanted: readonly Wanted[],
): Promise<Priced | Refusal<PricingRefusal>> => {
  if (wanted.length === 0) return refuse({ code: 'EMPTY_ORDER' })
  if (wanted.length > MAX_LINES) return refuse({ code: 'TOO_MANY_LINES', most: MAX_LINES })
  if (wanted.some(({ quantity }) => quantity < 1 || quantity > MAX_QUANTITY))
    return refuse({ code: 'QUANTITY_OUT_OF_RANGE', most: MAX_QUANTITY })
  const products = await catalogue.products(wanted.map(({ sku }) => sku))
  const lines: OrderLine[] = []
  let total: Money | undefined
  for (const { sku, quantity } of wanted) {
    const product = products.get(sku)
    if (!product) return refuse({ code: 'UNKNOWN_PRODUCT', sku })
    const { name, price, isLimited } = product
    const cost = price.amount * quantity
    const before = total ?? { amount: 0, currency: price.currency }
    if (before.currency !== price.currency) return refuse({ code: 'MIXED_CURRENCIES' })
    if (!fits(before.amount, cost)) return refuse({ code: 'AMOUNT_OUT_OF_RANGE' })
    total = { ...before, amount: before.amount + cost }
    lines.push({ sku, name, quantity, unitPrice: price.amount, isLimited })
  }
  return total ? { lines, price: total } : refuse({ code: 'EMPTY_ORDER' })
}
