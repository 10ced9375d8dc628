import type { EventStoreDBClient } from '@eventstore/db-client'
import { catchUp, isUnreadable } from '../eventstore/catchUp.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Codec, Recorded } from '../eventstore/codec.ts'
import { headOfLog } from '../eventstore/read.ts'
import { orderEvents } from '../orders/events.ts'

const { OrderPaid, OrderFailed, OrderCancelled } = orderEvents
const ends = codecOf({ OrderPaid, OrderFailed, OrderCancelled })

/** Tells when orders are completed. */
export interface Completions {
  /** Resolves when the order is completed; rejects if it ends in any other way, or the log can't be followed. */
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

export interface Following<E> {
  readonly client: EventStoreDBClient
  /** Events of which each order has one. */
  readonly codec: Codec<E>
  /** Resolves when the order counts as completed; rejects if that is not what it should have come to. */
  readonly outcome: (event: Recorded<E>) => Promise<void>
  readonly signal: AbortSignal
}

/** Follows the log from now on for what becomes of orders, until the signal is aborted. */
export const followOrders = async <E extends { readonly data: { readonly orderId: string } }>({
  client,
  codec,
  outcome,
  signal,
}: Following<E>): Promise<Completions> => {
  const { of, tell, fail } = rendezvous()
  const from = await headOfLog(client)
  const refuse = (fault: unknown) => {
    throw fault
  }
  const follow = async () => {
    for await (const { events } of catchUp({ client, codec, from, maxBatch: 500, signal, onFault: refuse }))
      for (const event of events) {
        if (isUnreadable(event)) throw event.fault
        tell(event.data.orderId, outcome(event))
      }
  }
  follow().catch(fail)
  return { of }
}

/**
 * Follows the log for the ends of orders. One is completed when the read models have reached its end: from then
 * on a query answers PAID. Any other end than that is a failure.
 */
export const followCompletions = (
  client: EventStoreDBClient,
  reached: (position: bigint) => Promise<void>,
  signal: AbortSignal,
): Promise<Completions> =>
  followOrders({
    client,
    codec: ends,
    outcome: ({ type, data, position }) =>
      type === 'OrderPaid' ? reached(position) : Promise.reject(new Error(`${type} ${data.orderId}`)),
    signal,
  })
