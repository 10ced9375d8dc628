import type { OrderId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import type { Cause } from '../eventstore/metadata.ts'
import type { Writer } from '../eventstore/transact.ts'
import { watchDue } from '../service/watchDue.ts'
import type { WatchOptions } from '../service/watchDue.ts'
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

export interface WatchdogOptions extends Omit<WatchOptions<Due>, 'idOf' | 'lookAfter'> {
  readonly orders: Writer<Order, OrderEvent>
  readonly pump: Pump
  readonly newId: () => string
}

/**
 * Looks after orders that did not get on by themselves until the signal is aborted: what is not paid by its deadline
 * is cancelled, or has failed, and whatever is left to do is done.
 */
export const watchOrders = ({ orders, pump, newId, ...watching }: WatchdogOptions): Promise<void> =>
  watchDue({
    ...watching,
    idOf: ({ orderId }) => orderId,
    lookAfter: async ({ orderId, isOpen, payBy }) => {
      const cause: Cause = begin(newId(), 'orders')
      if (isOpen && payBy <= watching.now()) {
        const outcome = await orders.transact(orderId, expire(), { cause })
        // A cancelled order goes on as every such does; if it should not, it will be due again.
        if (!outcome.refused && outcome.events.some(({ type }) => type === 'OrderCancelled')) return
      }
      await pump(orderId, cause)
    },
  })
