import type { EventStoreDBClient } from '@eventstore/db-client'
import { catchUp, isUnreadable } from '../eventstore/catchUp.ts'
import { codecOf } from '../eventstore/codec.ts'
import { headOfLog } from '../eventstore/read.ts'
import { orderEvents } from '../orders/events.ts'

const { OrderPaid, OrderFailed, OrderCancelled } = orderEvents
const codec = codecOf({ OrderPaid, OrderFailed, OrderCancelled })

/** Tells when orders are completed. */
export interface Completions {
  /** Resolves when the order is completed; rejects if it ends in any other way than PAID, or the log can't be followed. */
  of(orderId: string): Promise<void>
}

/** Order ids and how each ended; whichever of asking and knowing comes first. */
const rendezvous = () => {
  const early = new Map<string, Promise<void>>()
  const waiting = new Map<string, PromiseWithResolvers<void>>()
  const failed = Promise.withResolvers<never>()
  let hopeless = false
  return {
    of: (orderId: string): Promise<void> => {
      if (hopeless) return failed.promise
      const known = early.get(orderId)
      early.delete(orderId)
      if (known) return known
      const completion = Promise.withResolvers<void>()
      waiting.set(orderId, completion)
      return completion.promise
    },
    tell: (orderId: string, done: Promise<void>): void => {
      const completion = waiting.get(orderId)
      waiting.delete(orderId)
      if (completion) return completion.resolve(done)
      early.set(orderId, done)
      // Whoever asks for it is told; until then, nobody misses it.
      done.catch(() => undefined)
    },
    /** Nobody will know any more. */
    fail: (fault: unknown): void => {
      failed.reject(fault)
      failed.promise.catch(() => undefined)
      for (const { resolve } of waiting.values()) resolve(failed.promise)
      waiting.clear()
      hopeless = true
    },
  }
}

/**
 * Follows the log for the ends of orders. One is completed when the read models have reached its end: from then
 * on a query answers PAID. Follows until the signal is aborted.
 */
export const followCompletions = async (
  client: EventStoreDBClient,
  reached: (position: bigint) => Promise<void>,
  signal: AbortSignal,
): Promise<Completions> => {
  const { of, tell, fail } = rendezvous()
  const from = await headOfLog(client)
  const refuse = (fault: unknown) => {
    throw fault
  }
  const follow = async () => {
    for await (const { events } of catchUp({ client, codec, from, maxBatch: 500, signal, onFault: refuse }))
      for (const event of events) {
        if (isUnreadable(event)) throw event.fault
        const { type, data, position } = event
        tell(
          data.orderId,
          type === 'OrderPaid' ? reached(position) : Promise.reject(new Error(`${type} ${data.orderId}`)),
        )
      }
  }
  follow().catch(fail)
  return { of }
}
