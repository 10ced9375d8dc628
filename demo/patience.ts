import { setTimeout as delay } from 'node:timers/promises'
import { ApiError } from '../client/http.ts'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'

const POLICY: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 1_000 }
/** How long one thing may fail in passing: longer than a whole system takes to be started again. */
const PATIENCE = 60_000

const passingCodes: ReadonlySet<string> = new Set([
  'UNAVAILABLE',
  'RATE_LIMITED',
  'HTTP 429',
  'HTTP 502',
  'HTTP 503',
  'HTTP 504',
])

/** Errors of sockets and of the HTTP pool: the request may or may not have arrived. */
const connectionCodes = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|UND_ERR_)/

/**
 * What a WebSocket throws is no error by its class: it ends its subscriptions with the event of its closing,
 * or with one that has the error inside.
 */
const ofSocket = (fault: object): boolean =>
  ('code' in fault && 'wasClean' in fault) || ('error' in fault && isPassing(fault.error))

/** Whether the same request may succeed in a moment. */
export const isPassing = (fault: unknown): boolean => {
  if (fault instanceof ApiError) return passingCodes.has(fault.code)
  if (!(fault instanceof Error)) return typeof fault === 'object' && fault !== null && ofSocket(fault)
  if (fault instanceof AggregateError) return fault.errors.every(isPassing)
  if ('code' in fault && typeof fault.code === 'string') return connectionCodes.test(fault.code)
  return fault.message === 'socket hang up' || /^Unexpected server response: 50[234]/.test(fault.message)
}

/**
 * Tries until it succeeds, fails for good, or has been failing in passing for a minute. The attempt has to be
 * safe to repeat; `onFault` is told of every passing fault.
 */
export const patiently = async <T>(attempt: () => Promise<T>, onFault: () => void): Promise<T> => {
  const deadline = Date.now() + PATIENCE
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (fault) {
      if (!isPassing(fault) || Date.now() > deadline) throw fault
      onFault()
      await delay(backoff(failures, POLICY))
    }
  }
}
