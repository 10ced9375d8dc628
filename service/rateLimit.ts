import { LRUCache } from 'lru-cache'
import { ApiError } from './errors.ts'

/** Takes one of a user's tokens; throws RATE_LIMITED with `retryAfter` in seconds when there is none. */
export type RateLimit = (user: string) => void

export interface RateLimitOptions {
  /** Tokens that a user gets back each second, and has at the most; 0 for no limit. */
  readonly perSecond: number
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
  /** Users whose buckets are kept; whoever is forgotten has a full one. */
  readonly maxUsers?: number
  /** What is counted, in the words of the refusal. */
  readonly of?: string
}

interface Bucket {
  tokens: number
  filledAt: number
}

/** A token bucket for each user. */
export const rateLimit = ({
  perSecond,
  clock,
  maxUsers = 10_000,
  of = 'mutations',
}: RateLimitOptions): RateLimit => {
  if (perSecond === 0) return () => undefined
  const buckets = new LRUCache<string, Bucket>({ max: maxUsers })
  return (user) => {
    const now = clock()
    const bucket = buckets.get(user) ?? { tokens: perSecond, filledAt: now }
    const tokens = Math.min(perSecond, bucket.tokens + ((now - bucket.filledAt) / 1_000) * perSecond)
    if (tokens < 1)
      throw new ApiError('RATE_LIMITED', `At most ${perSecond} ${of} a second; try again a little later.`, {
        retryAfter: Math.ceil(((1 - tokens) / perSecond) * 1_000) / 1_000,
      })
    buckets.set(user, { tokens: tokens - 1, filledAt: now })
  }
}
