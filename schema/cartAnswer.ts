import type { Catalogue, Product } from '../catalogue/product.ts'
import { CatalogueUnavailable } from '../catalogue/unavailable.ts'
import type { UserId } from '../domain/ids.ts'
import { fits } from '../domain/money.ts'
import type { Money } from '../domain/money.ts'
import type { Sku } from '../domain/product.ts'
import type { Items } from '../orders/cart/items.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { availabilityAmong, productOf } from './availability.ts'
import type { ApiContext } from './context.ts'
import type { Report } from './errors.ts'
import { once } from './once.ts'
import { tokenOf } from '../service/opaque.ts'
import { PATIENCE } from '../projections/consistency.ts'

export interface CartAnswerParts {
  readonly catalogue: Catalogue
  readonly readModels: ReadModels
}

/** A cart, from its read model or as a command left it. */
export interface AnyCart {
  readonly customerId: UserId
  readonly items: Items
  readonly revision: number
  readonly position: bigint | number
}

type Products = ReadonlyMap<Sku, Product>

/**
 * A cart as clients see it: with products, prices and availability of this moment, in one question to the catalogue
 * and one read of the stock, neither of which is made for a client that doesn't ask. A cart is there also while the
 * catalogue is away, and says so.
 */
export const cartAnswer =
  ({ catalogue, readModels }: CartAnswerParts) =>
  ({ customerId, items, revision, position }: AnyCart, context: ApiContext) => {
    const skus = items.map(({ sku }) => sku)
    const availability = availabilityAmong(readModels, context, skus)
    const products = once(() => productsOrNone(catalogue, skus, context.report))
    const found = async (sku: Sku) => (await products())?.get(sku)
    const totals = once(async () => totalsOf(items, await products()))

    return {
      __typename: 'Cart',
      id: customerId,
      items: items.map(({ sku, quantity }) => ({
        sku,
        quantity,
        product: async () => {
          const product = await found(sku)
          return product && productOf(product, availability)
        },
        total: async () => costOf(await found(sku), quantity),
        isAvailable: async () => {
          const product = await found(sku)
          if (!product) return undefined
          const available = await availability(product)
          return available === null || quantity <= available
        },
      })),
      totals: async () => (await totals()) ?? [],
      total: async () => {
        const [total, another] = (await totals()) ?? []
        return another ? undefined : total
      },
      isPriced: async () => (await totals()) !== undefined,
      isCatalogueAvailable: async () => (await products()) !== undefined,
      revision,
      consistencyToken: tokenOf(position),
    } as const
  }

/** Undefined while the catalogue does not answer; prices are waited for no longer than the cart itself. */
const productsOrNone = async (
  catalogue: Catalogue,
  skus: readonly Sku[],
  report: Report,
): Promise<Products | undefined> => {
  try {
    return await catalogue.products(skus, AbortSignal.timeout(PATIENCE))
  } catch (fault) {
    if (!(fault instanceof CatalogueUnavailable)) throw fault
    report('UNAVAILABLE', fault)
    return undefined
  }
}

/** What the pieces cost; undefined without a product, and for more than an order may cost. */
const costOf = (product: Product | undefined, quantity: number): Money | undefined => {
  if (!product) return undefined
  const { amount, currency } = product.price
  const cost = amount * quantity
  return fits(0, cost) ? { amount: cost, currency } : undefined
}

/** By currency; undefined unless all items have a price, and each sum is one that an order may have. */
const totalsOf = (items: Items, products: Products | undefined): readonly Money[] | undefined => {
  const sums = new Map<string, number>()
  for (const { sku, quantity } of items) {
    const cost = costOf(products?.get(sku), quantity)
    const before = sums.get(cost?.currency ?? '') ?? 0
    if (!products || !cost || !fits(before, cost.amount)) return undefined
    sums.set(cost.currency, before + cost.amount)
  }
  return products && [...sums].map(([currency, amount]) => ({ amount, currency }))
}
