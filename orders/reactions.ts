import type { EventOf } from '../eventstore/catalogue.ts'
import { codecOf } from '../eventstore/codec.ts'
import { follow } from '../eventstore/metadata.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import type { Writer } from '../eventstore/transact.ts'
import { paymentEvents } from '../payments/events.ts'
import type { OrderEvent } from './events.ts'
import { giveUp, pay } from './order.ts'
import type { Order } from './order.ts'

const outcomes = {
  PaymentSucceeded: paymentEvents.PaymentSucceeded,
  PaymentFailed: paymentEvents.PaymentFailed,
}

/** A payment's outcome becomes the order's. */
export const settleOrders = (orders: Writer<Order, OrderEvent>): Reaction<EventOf<typeof outcomes>> => ({
  group: 'orders-settle',
  codec: codecOf(outcomes),
  handle: (paid) => {
    const { orderId, customerId, orderRevision } = paid.data
    const decide = paid.type === 'PaymentSucceeded' ? pay() : giveUp(paid.data.failure)
    // At the revision that asked for the payment the order was waiting for it, so it need not be read.
    const known = {
      state: { status: 'AWAITING_PAYMENT', orderId, customerId },
      revision: orderRevision,
    } as const
    return orders.transact(orderId, decide, { cause: follow(paid, 'orders'), known })
  },
})
