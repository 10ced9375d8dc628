import { setTimeout as delay } from 'node:timers/promises'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import type { Logger } from './logger.ts'

const PATIENCE: RetryPolicy = { tries: Infinity, firstDelay: 100, maxDelay: 3_000 }

/**
 * Tries what a service needs before it can work (an index, a collection) until it succeeds, with backoff: the
 * server may come up later than we do. Throws only when the signal is aborted.
 */
export const untilUp = async <T>(
  what: string,
  attempt: () => Promise<T>,
  { signal, log }: { readonly signal: AbortSignal; readonly log: Logger },
): Promise<T> => {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (fault) {
      if (signal.aborted) throw fault
      const level = failures === 1 ? 'warn' : 'debug'
      log[level]({ err: fault, failures }, `${what}: not yet, trying again`)
      await delay(backoff(failures, PATIENCE), undefined, { signal })
    }
  }
}
