import { LRUCache } from 'lru-cache'
import { pause } from '../eventstore/pause.ts'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'

export interface WatchObserver<Due> {
  /** How many were due; `more`: there may be others. */
  looked(due: number, more: boolean): void
  failed(due: Due, fault: unknown): void
  /** What is due can't be found at the moment. */
  blind(fault: unknown): void
}

export interface WatchOptions<Due> {
  /** What has been due the longest. */
  readonly due: (now: Date, limit: number) => Promise<readonly Due[]>
  readonly idOf: (due: Due) => string
  readonly lookAfter: (due: Due) => Promise<unknown>
  readonly now: () => Date
  readonly signal: AbortSignal
  readonly observer: WatchObserver<Due>
  /** Milliseconds between two looks. */
  readonly interval?: number
  /** Milliseconds for which what was taken on is not taken on again: the read model may not know yet. */
  readonly rest?: number
}

/** What is taken on in one look, and at a time: little, so that what is new has the servers, too. */
const MOST = 500
const AT_A_TIME = 16
/** A look goes as far beyond what rests, so that what never gets on is in nobody's way. */
const FARTHEST = 10_000
const BLIND: RetryPolicy = { tries: Infinity, firstDelay: 100, maxDelay: 5_000 }

/**
 * Looks after what is due until the signal is aborted. It remembers nothing that matters, so several may watch the same,
 * and what is looked after twice must count once.
 */
export const watchDue = async <Due>(options: WatchOptions<Due>): Promise<void> => {
  const { due, idOf, lookAfter, now, signal, observer, interval = 500, rest = 5_000 } = options
  const resting = new LRUCache<string, true>({ max: 100_000, ttl: rest })

  const takeOn = async (each: Due): Promise<void> => {
    try {
      await lookAfter(each)
    } catch (fault) {
      if (!signal.aborted) observer.failed(each, fault)
    }
  }

  let failures = 0
  let passed = 0
  while (!signal.aborted) {
    try {
      const limit = Math.min(MOST + passed, FARTHEST)
      const found = await due(now(), limit)
      const waiting = found.filter((each) => !resting.has(idOf(each)))
      passed = found.length - waiting.length
      const more = found.length === limit
      for (const each of waiting) resting.set(idOf(each), true)
      observer.looked(waiting.length, more)
      const next = waiting.values()
      const work = async () => {
        for (const each of next) {
          if (signal.aborted) return
          await takeOn(each)
        }
      }
      await Promise.all(Array.from({ length: AT_A_TIME }, work))
      failures = 0
      // With as many as one look can show there may be more: the read model moves on meanwhile.
      await pause(more ? interval / 10 : interval, signal)
    } catch (fault) {
      observer.blind(fault)
      await pause(backoff(++failures, BLIND), signal)
    }
  }
}
