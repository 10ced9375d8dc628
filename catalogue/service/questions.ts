import type { Sku } from '../../domain/product.ts'
import type { Product, ProductPage, ProductPageRequest } from '../product.ts'
import { CatalogueUnavailable } from '../unavailable.ts'
import { listIn, malformed, pageIn, productIn } from './answers.ts'
import type { Sorted } from './answers.ts'
import type { Answer } from './http.ts'
import type { ProductServiceObserver } from './observer.ts'

/** There is something with this sku, but its data make no sense. */
export class UnreadableProduct extends CatalogueUnavailable {}

/** What is known of a sku; without a product, that there is none. */
export type Known = { readonly product: Product | undefined } | UnreadableProduct

const knownOf = (sku: Sku, { products, unreadable }: Sorted): Known => {
  const product = products.find((product) => product.sku === sku)
  if (product) return { product }
  // What doesn't even tell its sku may be the one that is missing.
  const bad = unreadable.find((each) => each.sku === sku || each.sku === undefined)
  if (!bad) return { product: undefined }
  return new UnreadableProduct('The product service gave an answer that makes no sense.', { cause: bad.why })
}

export interface QuestionsOptions {
  readonly ask: (path: string) => Promise<Answer>
  readonly observer: ProductServiceObserver
}

/** The questions of docs/product-service.md, one request each. */
export const questionsTo = ({ ask, observer }: QuestionsOptions) => {
  const understood = async <S extends Sorted>(path: string, read: (answer: Answer) => S): Promise<S> => {
    try {
      const answer = read(await ask(path))
      observer.answered()
      if (answer.unreadable.length > 0) observer.unreadable(answer.unreadable)
      return answer
    } catch (fault) {
      if (fault instanceof CatalogueUnavailable) observer.failed(fault)
      throw fault
    }
  }

  const one = async (sku: Sku): Promise<Known> => {
    const path = `/products/${sku}`
    const none: Sorted = { products: [], unreadable: [] }
    return knownOf(sku, await understood(path, (answer) => (answer ? productIn(answer.body, sku) : none)))
  }

  const many = async (skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Known>> => {
    const path = `/products?${new URLSearchParams(skus.map((sku) => ['sku', sku]))}`
    const list = await understood(path, (answer) => listIn(bodyOf(answer, path)))
    return new Map(skus.map((sku) => [sku, knownOf(sku, list)]))
  }

  return {
    known: async (skus: readonly Sku[]): Promise<ReadonlyMap<Sku, Known>> => {
      const [first, ...others] = skus
      return first && others.length === 0 ? new Map([[first, await one(first)]]) : many(skus)
    },
    page: async (request: ProductPageRequest): Promise<ProductPage> => {
      const path = pathOf(request)
      const page = await understood(path, (answer) => pageIn(bodyOf(answer, path), request))
      const { products, endCursor, hasNextPage } = page
      return { products, endCursor, hasNextPage }
    },
  }
}

/** How a page is asked for, which is also what it is remembered by. */
export const pathOf = ({ first, after, search }: ProductPageRequest): string => {
  const query = new URLSearchParams({ first: String(first) })
  if (after !== undefined) query.set('after', after)
  if (search?.trim()) query.set('search', search.trim())
  return `/products?${query}`
}

/** A list is there, or it is empty: that there is no such thing makes no sense. */
const bodyOf = (answer: Answer, path: string): unknown => {
  if (!answer) throw malformed(path, 'status 404')
  return answer.body
}
