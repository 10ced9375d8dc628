import { setTimeout as delay } from 'node:timers/promises'
import { retrying } from '../../eventstore/retry.ts'
import type { RetryPolicy } from '../../eventstore/retry.ts'
import { CatalogueUnavailable } from '../unavailable.ts'
import { Passing } from './http.ts'
import type { Answer, Http } from './http.ts'
import type { Pace } from '../../service/pace.ts'
import { QueueFull } from './places.ts'
import type { Places } from './places.ts'

export interface AskingOptions {
  readonly http: Http
  readonly places: Places
  readonly pace: Pace
  readonly policy: RetryPolicy
  /** Milliseconds for one try. */
  readonly timeout: number
  /** Milliseconds for all of them, with all waiting. */
  readonly deadline: number
}

/**
 * Asks the service, with as many tries as policy and deadline leave. Each try takes a place and waits for the pace; the
 * pause after a failed one holds no place. A rest that the service asks for (`Retry-After`) is given to it by all.
 */
export const asking =
  ({ http, places, pace, policy, timeout, deadline }: AskingOptions) =>
  async (path: string): Promise<Answer> => {
    const end = performance.now() + deadline
    const expiry = AbortSignal.timeout(deadline)
    const left = () => Math.floor(end - performance.now())
    let last: Passing | undefined

    const turn = async () => {
      for (let wait = pace.wait(); wait > 0; wait = pace.wait()) {
        if (wait > left()) throw busy(wait, last)
        await delay(wait, undefined, { signal: expiry })
      }
      pace.begin()
    }

    const attempt = async () => {
      try {
        return await places(async () => {
          await turn()
          return http.get(path, Math.max(1, Math.min(timeout, left())))
        }, expiry)
      } catch (fault) {
        if (fault instanceof Passing) {
          // That there was no time left (timers may be a moment early) says less than what went wrong before.
          last = left() > 1 ? fault : (last ?? fault)
          if (fault.retryAfter !== undefined) pace.pause(fault.retryAfter)
        }
        throw fault
      }
    }

    try {
      return await retrying(policy, (fault) => fault instanceof Passing, attempt, expiry)
    } catch (fault) {
      if (fault instanceof QueueFull) throw crowded(fault)
      if (fault instanceof Passing) throw silent(last ?? fault)
      if (expiry.aborted && isOf(expiry, fault)) throw silent(last ?? fault)
      throw fault
    }
  }

/** What waits says that it was aborted in its own words, with the reason as the cause. */
const isOf = ({ reason }: AbortSignal, fault: unknown): boolean =>
  fault === reason || (fault instanceof Error && fault.cause === reason)

const busy = (wait: number, cause: Passing | undefined) =>
  new CatalogueUnavailable('The product service takes no more requests at the moment.', {
    retryAfter: wait,
    cause,
  })

const crowded = (cause: QueueFull) =>
  new CatalogueUnavailable('Too many requests wait for the product service already.', { cause })

const silent = (cause: unknown) =>
  new CatalogueUnavailable('The product service does not answer.', {
    cause,
    retryAfter: cause instanceof Passing ? cause.retryAfter : undefined,
  })
