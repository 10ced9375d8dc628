import type { EventOf } from '../eventstore/catalogue.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { follow } from '../eventstore/metadata.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import type { Writer } from '../eventstore/transact.ts'
import { paymentEvents } from '../payments/events.ts'
import { linesToReserve, orderEvents } from './events.ts'
import type { OrderEvent } from './events.ts'
import { giveUp, pay } from './lifecycle.ts'
import { order } from './order.ts'
import type { Order } from './order.ts'
import type { Pump } from './pump.ts'
import { failRefund, recordRefund } from './refund.ts'

const outcomes = {
  PaymentSucceeded: paymentEvents.PaymentSucceeded,
  PaymentFailed: paymentEvents.PaymentFailed,
}

const refunds = {
  PaymentRefunded: paymentEvents.PaymentRefunded,
  PaymentRefundFailed: paymentEvents.PaymentRefundFailed,
}

/** What became of a refund is put on the order's record. */
export const settleRefunds = (orders: Writer<Order, OrderEvent>): Reaction<EventOf<typeof refunds>> => ({
  group: 'orders-settle-refunds',
  codec: codecOf(refunds),
  handle: (returned) => {
    const { orderId, refundId } = returned.data
    const decide =
      returned.type === 'PaymentRefunded'
        ? recordRefund(refundId)
        : failRefund(refundId, returned.data.failure)
    return orders.transact(orderId, decide, { cause: follow(returned, 'orders') })
  },
})

/** A payment's outcome becomes the order's. */
export const settleOrders = (orders: Writer<Order, OrderEvent>): Reaction<EventOf<typeof outcomes>> => ({
  group: 'orders-settle',
  codec: codecOf(outcomes),
  handle: (paid) => {
    const { orderId, customerId, price, orderRevision } = paid.data
    const decide = paid.type === 'PaymentSucceeded' ? pay() : giveUp(paid.data.failure)
    // One whose payment was due as soon as it was placed keeps no stock, and was waiting: it need not be read.
    const known = {
      state: { status: 'AWAITING_PAYMENT', orderId, customerId, price, stock: undefined },
      revision: 0,
    } as const
    const cause = follow(paid, 'orders')
    return orders.transact(orderId, decide, orderRevision === 0 ? { cause, known } : { cause })
  },
})

const turns = {
  OrderPlaced: orderEvents.OrderPlaced,
  OrderPaid: orderEvents.OrderPaid,
  OrderFailed: orderEvents.OrderFailed,
  OrderCancelled: orderEvents.OrderCancelled,
}

const placings = { OrderPlaced: orderEvents.OrderPlaced }
type Placing = EventOf<typeof placings>['data']

/** What was ordered from a cart leaves it, if whoever checked out has not seen to that. */
export const emptyCarts = (
  takeOrdered: (placed: Placing, cause: Cause) => Promise<unknown>,
): Reaction<EventOf<typeof placings>> => ({
  group: 'carts-check-out',
  codec: codecOf(placings),
  handle: (placed) =>
    placed.data.fromCart ? takeOrdered(placed.data, follow(placed, 'orders')) : Promise.resolve(),
})

/** An order that needs stock is taken on whenever there is something to be done about it. */
export const moveStock = (pump: Pump): Reaction<EventOf<typeof turns>> => ({
  group: 'orders-stock',
  codec: codecOf(turns),
  handle: (turn) => {
    const cause = follow(turn, 'orders')
    const { orderId } = turn.data
    if (turn.type !== 'OrderPlaced') return turn.data.keepsStock ? pump(orderId, cause) : Promise.resolve()
    if (linesToReserve(turn.data.lines).length === 0) return Promise.resolve()
    return pump(orderId, cause, { state: order.evolve(order.initial, turn), revision: turn.revision })
  },
})
