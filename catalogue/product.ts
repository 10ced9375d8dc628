import { z } from 'zod'
import { Money } from '../domain/money.ts'
import { Sku } from '../domain/product.ts'

/** The shelf that a product stands on: lower-case words joined by hyphens, such as `kitchen`; at most 32 letters. */
export const Category = z
  .string()
  .max(32)
  .regex(/^[a-z]+(?:-[a-z]+)*$/, 'must be lower-case words joined by hyphens')

/** Where a picture is: an http(s) URL, or a path of this site such as `/pictures/basic.svg`. Never a script. */
const Image = z
  .string()
  .max(2_000)
  .regex(/^(?:https?:\/\/[^\s/\\]|\/(?![/\\]))[^\s\\]*$/, 'must be an http(s) URL or an absolute path')

/** What the shop sells, as the catalogue describes it now; an order keeps the price that it was placed at. */
export const Product = z.object({
  sku: Sku,
  name: z.string().trim().min(1).max(200),
  price: Money,
  category: Category,
  image: Image,
  /** True for goods, of which there are only as many as are in stock; false for packages. */
  isLimited: z.boolean(),
})
export type Product = z.infer<typeof Product>

/** The most products of one page. */
export const MAX_PAGE = 100

/** The longest text that can be searched for. */
export const MAX_SEARCH = 200

export interface ProductPageRequest {
  /** How many at the most: 1 … 100. */
  readonly first: number
  /** The place where the page before ended; from the beginning without it. */
  readonly after?: Sku | undefined
  /** Words of which a product must have all, in its name or category; all products without any. See MAX_SEARCH. */
  readonly search?: string | undefined
}

/** A part of a list whose order does not change; the place of a product in it is its sku. */
export interface ProductPage {
  readonly products: readonly Product[]
  /** Give it as `after` for the next page; undefined when there is nothing from `after` on. */
  readonly endCursor: Sku | undefined
  readonly hasNextPage: boolean
}

/**
 * The products of the shop, wherever they are kept. A method that can't answer throws `CatalogueUnavailable`, also
 * when `signal` is aborted before; each has a deadline of its own, so that the signal is for those who wait less.
 */
export interface Catalogue {
  /** The product; undefined when there is none with this sku. */
  readonly product: (sku: Sku, signal?: AbortSignal) => Promise<Product | undefined>
  /** Many at once, in one request; those that don't exist, or whose data make no sense, are left out. */
  readonly products: (skus: readonly Sku[], signal?: AbortSignal) => Promise<ReadonlyMap<Sku, Product>>
  readonly page: (request: ProductPageRequest, signal?: AbortSignal) => Promise<ProductPage>
}

/** Throws for a page that no caller may ask for. */
export const checkRequest = ({ first, search = '' }: ProductPageRequest): void => {
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE)
    throw new RangeError(`a page has 1 to ${MAX_PAGE} products, not ${first}`)
  if (search.length > MAX_SEARCH) throw new RangeError(`a search has at most ${MAX_SEARCH} letters`)
}
