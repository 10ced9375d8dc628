import { setTimeout as delay } from 'node:timers/promises'

export interface Pace {
  /** How often a second. */
  readonly rate: number
  readonly seconds: number
  /** That many under way at a time say that the system can't keep up: it ends there. */
  readonly maxUnderWay: number
  /** Aborted when nobody needs any more of it: those that are under way are finished. */
  readonly until?: AbortSignal
}

/** The system is slower than it was asked to be. */
export class TooSlow extends Error {
  override readonly name = 'TooSlow'
}

/**
 * Starts `work` at a fixed rate, however long the earlier ones take: a slow answer keeps nobody else from asking,
 * and whoever measures from `due` counts the waiting too. Ends when all are done; throws what the first one throws.
 */
export const paced = async (
  { rate, seconds, maxUnderWay, until }: Pace,
  work: (due: number, turn: number) => Promise<void>,
): Promise<void> => {
  const underWay = new Set<Promise<void>>()
  const failed = Promise.withResolvers<never>()
  const begin = (due: number, turn: number) => {
    const working: Promise<void> = work(due, turn).then(() => void underWay.delete(working))
    underWay.add(working)
    working.catch(failed.reject)
  }
  const over = new AbortController()
  const keepPace = async () => {
    const begun = performance.now()
    for (let turn = 0; turn < rate * seconds; turn++) {
      if (until?.aborted) break
      const due = begun + (turn * 1_000) / rate
      const early = due - performance.now()
      if (early > 0) await delay(early, undefined, { signal: over.signal })
      if (underWay.size >= maxUnderWay)
        throw new TooSlow(`${maxUnderWay} were under way at ${rate} a second: it can't keep up`)
      begin(due, turn)
    }
    await Promise.all(underWay)
  }
  try {
    await Promise.race([keepPace(), failed.promise])
  } finally {
    over.abort()
  }
}
