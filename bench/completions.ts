import type { OrderUpdate } from '../client/watch.ts'
import { positionOf } from '../schema/opaque.ts'

/**
 * Tells when orders are completed: PAID was seen live, and the read models have reached that point of the log,
 * so that a query answers PAID too.
 */
export const completions = (reached: (position: bigint) => Promise<void>) => {
  const early = new Map<string, Promise<void>>()
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  return {
    /** Resolves when the order is completed; rejects if it ends in any other way. */
    of: (orderId: string): Promise<void> => {
      const known = early.get(orderId)
      early.delete(orderId)
      if (known) return known
      const completion = Promise.withResolvers<void>()
      waiting.set(orderId, completion)
      return completion.promise
    },
    /** Takes in what a watcher was told; the answer to the mutation may still be on its way. */
    take: ({ orderId, status, consistencyToken }: OrderUpdate): void => {
      if (status === 'AWAITING_PAYMENT') return
      const done =
        status === 'PAID'
          ? reached(positionOf(consistencyToken))
          : Promise.reject(new Error(`order ${orderId} is ${status}`))
      const completion = waiting.get(orderId)
      waiting.delete(orderId)
      if (completion) completion.resolve(done)
      else early.set(orderId, done)
    },
  }
}
export type Completions = ReturnType<typeof completions>
