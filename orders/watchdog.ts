import { LRUCache } from 'lru-cache'
import { setTimeout as delay } from 'node:timers/promises'
import type { OrderId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { OrderEvent } from './events.ts'
import { expire } from './lifecycle.ts'
import type { Order } from './order.ts'
import type { Pump } from './pump.ts'

/** An order that has not moved when it should have. */
export interface Due {
  readonly orderId: OrderId
  /** It may still be paid, or so it seemed. */
  readonly isOpen: boolean
  readonly payBy: Date
}

export interface WatchdogObserver {
  /** How many were due; `more`: there may be others. */
  looked(due: number, more: boolean): void
  failed(orderId: OrderId, fault: unknown): void
  /** The due orders can't be found at the moment. */
  blind(fault: unknown): void
}

export interface WatchdogOptions {
  readonly orders: Writer<Order, OrderEvent>
  readonly pump: Pump
  /** The ones that have been due the longest. */
  readonly due: (now: Date, limit: number) => Promise<readonly Due[]>
  readonly now: () => Date
  readonly newId: () => string
  readonly signal: AbortSignal
  readonly observer: WatchdogObserver
  /** Milliseconds between two looks. */
  readonly interval?: number
  /** Milliseconds for which what was taken on is not taken on again: the read model may not know yet. */
  readonly rest?: number
}

/** Orders of one look, and those that are taken on at a time: few, so that new orders have the servers, too. */
const MOST = 500
const AT_A_TIME = 16
/** A look goes as far beyond the orders that rest, so that those that never get on are in nobody's way. */
const FARTHEST = 10_000
const BLIND: RetryPolicy = { tries: Infinity, firstDelay: 100, maxDelay: 5_000 }

/**
 * Looks after orders that did not get on by themselves until the signal is aborted: what is not paid by its deadline
 * is cancelled, and whatever is left to do is done. It remembers nothing that matters, so several may watch.
 */
export const watchOrders = async (options: WatchdogOptions): Promise<void> => {
  const { orders, pump, due, now, newId, signal, observer, interval = 500, rest = 5_000 } = options
  const resting = new LRUCache<OrderId, true>({ max: 100_000, ttl: rest })

  const lookAfter = async ({ orderId, isOpen, payBy }: Due): Promise<void> => {
    const cause: Cause = begin(newId(), 'orders')
    try {
      if (isOpen && payBy <= now()) {
        const outcome = await orders.transact(orderId, expire(), { cause })
        // It goes on as every cancelled order does; if it should not, it will be due again.
        if (outcome.refused === undefined && outcome.events.length > 0) return
      }
      await pump(orderId, cause)
    } catch (fault) {
      if (!signal.aborted) observer.failed(orderId, fault)
    }
  }

  let failures = 0
  let passed = 0
  while (!signal.aborted) {
    try {
      const limit = Math.min(MOST + passed, FARTHEST)
      const found = await due(now(), limit)
      const waiting = found.filter(({ orderId }) => !resting.has(orderId))
      passed = found.length - waiting.length
      const more = found.length === limit
      for (const { orderId } of waiting) resting.set(orderId, true)
      observer.looked(waiting.length, more)
      const next = waiting.values()
      const work = async () => {
        for (const each of next) {
          if (signal.aborted) return
          await lookAfter(each)
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

const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  delay(ms, undefined, { signal }).catch(() => undefined)
