import type { Sku } from '../../domain/product.ts'
import { checkRequest } from '../product.ts'
import type { Catalogue, Product, ProductPage, ProductPageRequest } from '../product.ts'
import { unlessAborted } from '../unavailable.ts'
import { products as all } from './products.ts'
import { isFoundBy, wordsOf } from './words.ts'

/** A catalogue of the given products, which are sorted by sku; of the built-in ones if nothing else is said. */
export const builtInCatalogue = (products: readonly Product[] = all): Catalogue => {
  const bySku = new Map(products.map((product) => [product.sku, product]))
  const shelves = products.map((product) => ({
    product,
    words: wordsOf(`${product.name} ${product.category}`),
  }))

  /** A place is found by order, so that it stays one when its product is gone. */
  const isAfter = (sku: Sku, after: Sku | undefined) => after === undefined || sku > after

  const page = (request: ProductPageRequest): ProductPage => {
    checkRequest(request)
    const { first, after, search = '' } = request
    const wanted = wordsOf(search)
    const found = shelves.filter(
      ({ product, words }) => isAfter(product.sku, after) && isFoundBy(words, wanted),
    )
    const products = found.slice(0, first).map(({ product }) => product)
    return { products, endCursor: products.at(-1)?.sku, hasNextPage: found.length > first }
  }

  return {
    product: (sku, signal) => unlessAborted(signal, () => Promise.resolve(bySku.get(sku))),
    products: (skus, signal) =>
      unlessAborted(signal, () => {
        const found = skus.flatMap((sku) => bySku.get(sku) ?? [])
        return Promise.resolve(new Map(found.map((product) => [product.sku, product])))
      }),
    page: (request, signal) => unlessAborted(signal, () => Promise.resolve(page(request))),
  }
}
