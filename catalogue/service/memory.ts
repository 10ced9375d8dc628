import { LRUCache } from 'lru-cache'
import { CatalogueUnavailable } from '../unavailable.ts'

export interface MemoryOptions {
  /** Milliseconds for which an answer is given again without asking. */
  readonly freshFor: number
  /** Milliseconds for which it is still good enough while there is no newer one. */
  readonly usableFor: number
  /** The most answers that are kept; those that nobody asked for longest go first. */
  readonly most: number
  /** Milliseconds on a clock that never goes back, and is never 0. */
  readonly clock: () => number
}

interface Remembered<V> {
  readonly value: V
  readonly at: number
}

/**
 * A short-lived memory of answers. Whoever asks for what is being asked already shares that answer. One that is no
 * longer fresh is asked for anew, and given again only if that fails with `CatalogueUnavailable`: it then counts as
 * fresh for another while, so that not everybody asks a service that is down, each waiting for it in vain.
 */
export const remembering = <Question, V>(
  { freshFor, usableFor, most, clock }: MemoryOptions,
  keyOf: (question: Question) => string,
  ask: (question: Question) => Promise<V>,
): ((question: Question) => Promise<V>) => {
  const answers = new LRUCache<string, Remembered<V>, { readonly question: Question }>({
    max: most,
    ttl: freshFor,
    ttlResolution: 0,
    perf: { now: clock },
    // An answer that lost its place while it was under way is still one for those who wait for it.
    ignoreFetchAbort: true,
    fetchMethod: async (_, former, { context: { question } }) => {
      try {
        return { value: await ask(question), at: clock() }
      } catch (fault) {
        const isUsable = former !== undefined && clock() - former.at <= usableFor
        if (isUsable && fault instanceof CatalogueUnavailable) return former
        throw fault
      }
    },
  })
  return async (question) => (await answers.forceFetch(keyOf(question), { context: { question } })).value
}
