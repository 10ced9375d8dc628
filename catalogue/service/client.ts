import type { Sku } from '../../domain/product.ts'
import { MAX_LINES } from '../../domain/product.ts'
import type { RetryPolicy } from '../../eventstore/retry.ts'
import { paceOf } from '../../service/pace.ts'
import { checkRequest } from '../product.ts'
import type { Catalogue, Product } from '../product.ts'
import { unlessAborted } from '../unavailable.ts'
import { asking } from './asking.ts'
import { httpOf } from './http.ts'
import { remembering } from './memory.ts'
import type { ProductServiceObserver } from './observer.ts'
import { placesOf } from './places.ts'
import { pathOf, questionsTo, UnreadableProduct } from './questions.ts'
import { together } from './together.ts'

export interface ProductServiceOptions {
  readonly url: string
  readonly observer: ProductServiceObserver
  readonly now: () => Date
  /** Milliseconds for one try, from connecting to the end of the body. */
  readonly timeout: number
  /** Milliseconds for one question, with all its tries and waiting. */
  readonly deadline: number
  /** The most requests that begin within any one second. */
  readonly perSecond: number
  /** Milliseconds for which an answer is given again without asking. */
  readonly freshFor: number
  /** Milliseconds for which an answer serves while there is no newer one. */
  readonly usableFor: number
  readonly policy?: RetryPolicy
  /** Requests that may wait for one of the ten places. */
  readonly mostWaiting?: number
  /** Milliseconds by which the age of answers is told: never goes back, and is never 0. */
  readonly clock?: () => number
}

/** Requests that are under way at once. */
export const MOST_AT_ONCE = 10

const MOST_WAITING = 200
const POLICY: RetryPolicy = { tries: 4, firstDelay: 100, maxDelay: 1_000 }

/** Milliseconds of the longest rest that the service is given, whatever it asks for. */
const LONGEST_PAUSE = 60_000

/** In bytes; a hundred products with long names and addresses are some 300 kB. */
const LARGEST_BODY = 1_024 * 1_024

const MOST_PRODUCTS = 5_000
const MOST_PAGES = 500

/**
 * The products of an outside service (docs/product-service.md). What it said a moment ago (`freshFor`) is not asked
 * again. While it is down, what it said up to `usableFor` ago still serves: names and prices may be that old then.
 */
export const productService = (
  options: ProductServiceOptions,
): Catalogue & { close: () => Promise<void> } => {
  const { url, observer, now, perSecond, timeout, deadline, freshFor, usableFor } = options
  const { policy = POLICY, mostWaiting = MOST_WAITING, clock = () => performance.now() } = options
  const http = httpOf({ url, connections: MOST_AT_ONCE, largestBody: LARGEST_BODY, now })
  const places = placesOf({ most: MOST_AT_ONCE, mostWaiting })
  const pace = paceOf({ perSecond, clock: () => performance.now(), longestPause: LONGEST_PAUSE })
  const questions = questionsTo({ ask: asking({ http, places, pace, policy, timeout, deadline }), observer })

  const memory = { freshFor, usableFor, clock }
  const gathered = together(MAX_LINES, questions.known)
  const known = remembering({ ...memory, most: MOST_PRODUCTS }, String, async (sku: Sku) => {
    const known = await gathered(sku)
    if (known instanceof UnreadableProduct) throw known
    return known
  })
  const page = remembering({ ...memory, most: MOST_PAGES }, pathOf, questions.page)

  const productOr = async (sku: Sku): Promise<Product | undefined> => {
    try {
      return (await known(sku)).product
    } catch (fault) {
      if (fault instanceof UnreadableProduct) return undefined
      throw fault
    }
  }

  return {
    product: (sku, signal) => unlessAborted(signal, async () => (await known(sku)).product),
    products: (skus, signal) =>
      unlessAborted(signal, async () => {
        const found = await Promise.all(skus.map(productOr))
        return new Map(found.flatMap((product) => (product ? [[product.sku, product]] : [])))
      }),
    page: (request, signal) =>
      unlessAborted(signal, () => {
        checkRequest(request)
        return page(request)
      }),
    close: () => http.close(),
  }
}
