import { z } from 'zod'
import { Sku } from '../../domain/product.ts'
import { MAX_PAGE, Product } from '../product.ts'
import type { ProductPage } from '../product.ts'
import { CatalogueUnavailable } from '../unavailable.ts'

/** What the service said was not what the contract says. `what` and the issues are for the log. */
export const malformed = (what: string, cause: unknown): CatalogueUnavailable =>
  new CatalogueUnavailable('The product service gave an answer that makes no sense.', {
    cause: new Error(`${what}: ${String(cause)}`, { cause }),
  })

/** A product of a list that can't be shown; its sku, where that much can be read. */
export interface Unreadable {
  readonly sku: Sku | undefined
  readonly why: Error
}

export interface Sorted {
  readonly products: readonly Product[]
  readonly unreadable: readonly Unreadable[]
}

const Named = z.object({ sku: Sku })

/** One bad product doesn't hide the others: it is set aside. */
const sorted = (items: readonly unknown[]): Sorted => {
  const products: Product[] = []
  const unreadable: Unreadable[] = []
  for (const item of items) {
    const { success, data, error } = Product.safeParse(item)
    if (success) products.push(data)
    else unreadable.push({ sku: Named.safeParse(item).data?.sku, why: error })
  }
  return { products, unreadable }
}

const List = z.object({ products: z.array(z.unknown()).max(MAX_PAGE) })

const Page = z
  .object({
    products: z.array(z.unknown()),
    endCursor: Sku.nullish().transform((cursor) => cursor ?? undefined),
    hasNextPage: z.boolean(),
  })
  .refine(({ products, endCursor }) => endCursor !== undefined || products.length === 0, {
    path: ['endCursor'],
    message: 'must be the sku of the last product',
  })
  .refine(({ products, hasNextPage }) => products.length > 0 || !hasNextPage, {
    path: ['hasNextPage'],
    message: 'must be false after nothing',
  })

/** The answer to `GET /products?sku=…`. */
export const listIn = (body: unknown): Sorted => {
  const { success, data, error } = List.safeParse(body)
  if (!success) throw malformed('a list of products', error)
  return sorted(data.products)
}

/** The answer to `GET /products?first=…`. A page that doesn't get ahead would be asked for without end. */
export const pageIn = (
  body: unknown,
  { first, after }: { readonly first: number; readonly after?: Sku | undefined },
): ProductPage & Sorted => {
  const { success, data, error } = Page.safeParse(body)
  if (!success) throw malformed('a page of products', error)
  const { products, endCursor, hasNextPage } = data
  if (products.length > first) throw malformed('a page of products', `${products.length} instead of ${first}`)
  if (hasNextPage && endCursor === after) throw malformed('a page of products', 'it ends where it began')
  return { ...sorted(products), endCursor, hasNextPage }
}

/** The answer to `GET /products/<sku>`, as a list of one. */
export const productIn = (body: unknown, sku: Sku): Sorted => {
  const one = sorted([body])
  const [other] = one.products.filter((product) => product.sku !== sku)
  return other ? { products: [], unreadable: [{ sku, why: new Error(`it is ${other.sku}`) }] } : one
}
