import { setTimeout as delay } from 'node:timers/promises'

export interface RetryPolicy {
  /** Tries in all, the first included. */
  readonly tries: number
  /** Milliseconds before the second try; doubled for each further one, with jitter. */
  readonly firstDelay: number
  readonly maxDelay: number
}

/** Milliseconds to wait after the given number of failures: exponential, between half and the whole of it. */
export const backoff = (failures: number, policy: RetryPolicy): number =>
  Math.min(policy.maxDelay, policy.firstDelay * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)

/** Runs `attempt` until it succeeds, fails for good (as `passing` says), is aborted, or has no tries left. */
export const retrying = async <T>(
  policy: RetryPolicy,
  passing: (fault: unknown) => boolean,
  attempt: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> => {
  for (let failures = 1; ; failures++) {
    try {
      return await attempt()
    } catch (fault) {
      if (failures >= policy.tries || !passing(fault)) throw fault
      await delay(backoff(failures, policy), undefined, signal ? { signal } : {})
    }
  }
}
