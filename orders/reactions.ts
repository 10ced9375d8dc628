import type { EventOf } from '../eventstore/catalogue.ts'
import { codecOf } from '../eventstore/codec.ts'
import { Unavailable } from '../eventstore/faults.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { follow } from '../eventstore/metadata.ts'
import type { Reaction } from '../eventstore/reaction.ts'
import type { Writer } from '../eventstore/transact.ts'
import { paymentEvents } from '../payments/events.ts'
import { linesToReserve, orderEvents } from './events.ts'
import type { OrderEvent } from './events.ts'
import { declineCard, giveUp, pay } from './lifecycle.ts'
import { order } from './order.ts'
import type { NewOrder, Order } from './order.ts'
import type { Pump } from './pump.ts'
import { failRefund, recordRefund, recordRefundElsewhere } from './refund.ts'

const outcomes = {
  PaymentSucceeded: paymentEvents.PaymentSucceeded,
  PaymentFailed: paymentEvents.PaymentFailed,
}

const refunds = {
  PaymentRefunded: paymentEvents.PaymentRefunded,
  PaymentRefundFailed: paymentEvents.PaymentRefundFailed,
}

/**
 * What became of a refund is put on the order's record, also of one that was asked for at the processor of cards. That
 * may be told before the order knows of the payment: then it is told again later.
 */
export const settleRefunds = (orders: Writer<Order, OrderEvent>): Reaction<EventOf<typeof refunds>> => ({
  group: 'orders-settle-refunds',
  codec: codecOf(refunds),
  handle: async (returned) => {
    const { orderId } = returned.data
    const outcome = await orders.transact(orderId, settling(returned), { cause: follow(returned, 'orders') })
    if (outcome.refused) throw new Unavailable(`order ${orderId} does not know of its payment yet`)
  },
})

const settling = ({ type, data }: EventOf<typeof refunds>) => {
  const { refundId, amount, cause } = data
  if (type === 'PaymentRefundFailed') return failRefund(refundId, data.failure)
  return cause === 'ELSEWHERE'
    ? recordRefundElsewhere({ refundId, amount: amount.amount })
    : recordRefund(refundId)
}

const declines = { CardDeclined: paymentEvents.CardDeclined }

/** A declined card is put on the order's record: it is why the order fails, if nothing better comes in time. */
export const noteDeclines = (orders: Writer<Order, OrderEvent>): Reaction<EventOf<typeof declines>> => ({
  group: 'orders-note-declines',
  codec: codecOf(declines),
  handle: (declined) => {
    const { orderId, declineCode, declinedAt } = declined.data
    const cause = follow(declined, 'orders')
    return orders.transact(orderId, declineCard({ declineCode, declinedAt }), { cause })
  },
})

/** A payment's outcome becomes the order's, and what follows from that is done at once. */
export const settleOrders = (
  orders: Writer<Order, OrderEvent>,
  pump: Pump,
): Reaction<EventOf<typeof outcomes>> => ({
  group: 'orders-settle',
  codec: codecOf(outcomes),
  handle: async (paid) => {
    const { orderId, customerId, price, method: paymentMethod, orderRevision } = paid.data
    const decide = paid.type === 'PaymentSucceeded' ? pay() : giveUp(paid.data.failure)
    // One whose payment was due as soon as it was placed keeps no stock, and was waiting: it need not be read.
    const known = {
      state: { status: 'AWAITING_PAYMENT', orderId, customerId, price, paymentMethod, stock: undefined },
      revision: 0,
    } as const
    const cause = follow(paid, 'orders')
    const settled = await orders.transact(orderId, decide, orderRevision === 0 ? { cause, known } : { cause })
    await pump(orderId, cause, settled)
  },
})

const turns = { OrderPlaced: orderEvents.OrderPlaced, OrderCancelled: orderEvents.OrderCancelled }

export interface MoveOrdersOptions {
  readonly pump: Pump
  /** Takes out of the customer's cart what was ordered, if whoever checked out has not seen to that. */
  readonly takeOrdered: (placed: NewOrder, cause: Cause) => Promise<unknown>
}

/** An order that somebody else has begun or ended is taken on: its stock, and the cart that it came from. */
export const moveOrders = ({ pump, takeOrdered }: MoveOrdersOptions): Reaction<EventOf<typeof turns>> => ({
  group: 'orders-process',
  codec: codecOf(turns),
  handle: async (turn) => {
    const cause = follow(turn, 'orders')
    const { orderId } = turn.data
    if (turn.type === 'OrderCancelled') {
      if (turn.data.keepsStock) await pump(orderId, cause)
      return
    }
    if (turn.data.fromCart) await takeOrdered(turn.data, cause)
    if (linesToReserve(turn.data.lines).length > 0)
      await pump(orderId, cause, { state: order.evolve(order.initial, turn), revision: turn.revision })
  },
})
