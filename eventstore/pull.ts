import { within } from './deadline.ts'

/** The part of a client's subscription that pulling needs. `read` gives what has arrived, or null. */
export interface Pullable<T> {
  read(): T | null
  on(event: 'readable' | 'end' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (fault: Error) => void): unknown
  unsubscribe(): Promise<void>
  destroy(): unknown
}

/**
 * Pulls from a subscription whatever has arrived, at most `max` at a time, without waiting for more. An empty
 * batch says that everything that arrived so far was taken. Ends when the subscription ends or the signal is
 * aborted; throws the subscription's error.
 */
export async function* pull<T>(
  subscription: Pullable<T>,
  max: number,
  signal: AbortSignal,
): AsyncGenerator<readonly T[]> {
  let arrival = Promise.withResolvers<void>()
  let ended = false
  let failure: Error | undefined
  const wake = () => arrival.resolve()
  const end = () => {
    ended = true
    wake()
  }
  subscription.on('readable', wake)
  subscription.on('end', end)
  subscription.on('close', end)
  subscription.on('error', (fault: Error) => {
    failure ??= fault
    wake()
  })
  signal.addEventListener('abort', wake)
  try {
    while (!signal.aborted) {
      arrival = Promise.withResolvers<void>()
      const batch: T[] = []
      for (let next = subscription.read(); next !== null; next = subscription.read()) {
        batch.push(next)
        if (batch.length === max) break
      }
      yield batch
      if (batch.length > 0) continue
      if (failure) throw failure
      if (ended) return
      await arrival.promise
    }
  } finally {
    signal.removeEventListener('abort', wake)
  }
}

const LEAVE_DEADLINE = 5_000

/** Ends a subscription. One that never came about can't be left, and its reader was told why already. */
export const leave = async (subscription: Pullable<unknown>): Promise<void> => {
  await within(LEAVE_DEADLINE, 'leaving a subscription', subscription.unsubscribe()).catch(() => undefined)
  subscription.destroy()
}
