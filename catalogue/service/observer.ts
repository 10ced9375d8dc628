import type { CatalogueUnavailable } from '../unavailable.ts'
import type { Unreadable } from './answers.ts'

/** Told of what callers don't see, or don't see the reason of. */
export interface ProductServiceObserver {
  /** The service answered as it should. */
  readonly answered: () => void
  /** A question failed for good; an older answer may have served instead. */
  readonly failed: (fault: CatalogueUnavailable) => void
  /** Some products of an answer make no sense; it is taken without them. */
  readonly unreadable: (products: readonly Unreadable[]) => void
}
