import { z } from 'zod'
import { MAX_SEARCH } from '../catalogue/product.ts'
import type { Catalogue } from '../catalogue/product.ts'
import { Sku } from '../domain/product.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { availabilityAmong, productOf } from './availability.ts'
import { paging, relay } from './connection.ts'
import { productCursorOf, skuOf } from '../service/opaque.ts'
import { queryOver } from './resolver.ts'

export interface ProductParts {
  readonly catalogue: Catalogue
  readonly readModels: ReadModels
}

const Products = z.object({
  ...paging,
  search: z.string().max(MAX_SEARCH, `must have at most ${MAX_SEARCH} characters`).nullish(),
})

/**
 * What the shop sells, from the catalogue. No read model is waited for, or asked, but for the stock of products whose
 * availability the client wants to know.
 */
export const productResolvers = ({ catalogue, readModels }: ProductParts) => {
  const query = queryOver(readModels)
  return {
    Query: {
      product: query(z.object({ sku: z.string() }), async ({ args, context }) => {
        // What is no sku is none of a product.
        const sku = Sku.safeParse(args.sku)
        const found = sku.success ? await catalogue.product(sku.data) : undefined
        return found ? productOf(found, availabilityAmong(readModels, context, [found.sku])) : null
      }),

      products: query(Products, async ({ args, context }) => {
        const after = typeof args.after === 'string' ? skuOf(args.after, 'after') : undefined
        const { first, search } = args
        const page = await catalogue.page({ first, after, search: search ?? undefined })
        const limited = page.products.filter(({ isLimited }) => isLimited)
        const availability = availabilityAmong(
          readModels,
          context,
          limited.map(({ sku }) => sku),
        )
        const edges = page.products.map((product) => ({
          cursor: productCursorOf(product.sku),
          node: productOf(product, availability),
        }))
        return relay(edges, {
          hasNextPage: page.hasNextPage,
          hasPreviousPage: after !== undefined,
          // Products whose data make no sense are left out: the page may end after one of them.
          endCursor: page.endCursor && productCursorOf(page.endCursor),
        })
      }),
    },
  }
}
