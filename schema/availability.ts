import type { Product } from '../catalogue/product.ts'
import type { Sku } from '../domain/product.ts'
import type { ReadModels } from '../projections/readModels.ts'
import type { ApiContext } from './context.ts'
import { once } from './once.ts'
import { caughtUp } from '../projections/consistency.ts'

/** Pieces of a product that can be ordered now; null for what stock does not limit. */
export type Availability = (product: Product) => Promise<number | null>

/**
 * How many pieces there are of each product of an answer. One read serves all of them, as new as the client's
 * consistency token; none is made for a client that doesn't ask.
 */
export const availabilityAmong = (
  readModels: Pick<ReadModels, 'reached' | 'stocks'>,
  { token }: Pick<ApiContext, 'token'>,
  skus: readonly Sku[],
): Availability => {
  const pieces = once(async () => {
    await caughtUp(readModels, token, 'stock')
    const stocks = await readModels.stocks(skus)
    return new Map(stocks.map(({ _id: sku, total }) => [sku, total.available]))
  })
  return async ({ sku, isLimited }) => (isLimited ? ((await pieces()).get(sku) ?? 0) : null)
}

/** A product as clients see it. */
export const productOf = (product: Product, availability: Availability) => ({
  ...product,
  available: () => availability(product),
})
