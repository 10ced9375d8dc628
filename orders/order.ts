import type { OrderId, UserId } from '../domain/ids.ts'
import type { OrderFailure, PaymentFailure } from '../domain/payment.ts'
import { codecOf } from '../eventstore/codec.ts'
import { impossible, refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { orderEvents } from './events.ts'
import type { OrderEvent } from './events.ts'

interface Placed {
  readonly orderId: OrderId
  readonly customerId: UserId
}

export type Order =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'AWAITING_PAYMENT' } & Placed)
  | ({ readonly status: 'PAID' } & Placed)
  | ({ readonly status: 'FAILED'; readonly failure: OrderFailure } & Placed)
  | ({ readonly status: 'CANCELLED' } & Placed)

const evolve = (order: Order, { type, data }: OrderEvent): Order => {
  if (type === 'OrderPlaced') {
    const { orderId, customerId } = data
    return { status: 'AWAITING_PAYMENT', orderId, customerId }
  }
  if (order.status === 'NONE') return impossible(`${type} before the order was placed`)
  switch (type) {
    case 'OrderPaid':
      return { ...order, status: 'PAID' }
    case 'OrderFailed':
      return { ...order, status: 'FAILED', failure: data.failure }
    case 'OrderCancelled':
      return { ...order, status: 'CANCELLED' }
    default:
      return type satisfies never
  }
}

/** Streams `order-<id>`. */
export const order: Aggregate<Order, OrderEvent> = {
  category: 'order',
  codec: codecOf(orderEvents),
  initial: { status: 'NONE' },
  evolve,
}

/** What a customer asks for, with everything that is fixed when the order is placed. */
export type NewOrder = Extract<OrderEvent, { type: 'OrderPlaced' }>['data']

/** There is such an order already: perhaps the same request, repeated. */
export interface PlacedBefore {
  readonly code: 'PLACED_BEFORE'
}

export const place =
  (data: NewOrder) =>
  (order: Order): Decision<OrderEvent, PlacedBefore> =>
    order.status === 'NONE' ? [{ type: 'OrderPlaced', data }] : refuse({ code: 'PLACED_BEFORE' })

/** The customer's money arrived. */
export const pay =
  () =>
  (order: Order): readonly OrderEvent[] => {
    switch (order.status) {
      case 'AWAITING_PAYMENT':
        return [{ type: 'OrderPaid', data: identity(order) }]
      case 'PAID':
        return []
      default:
        return impossible(`money for an order that is ${order.status}`)
    }
  }

/** The payment can't come about any more. */
export const giveUp =
  (failure: PaymentFailure) =>
  (order: Order): readonly OrderEvent[] => {
    switch (order.status) {
      case 'AWAITING_PAYMENT':
        return failure.reason === 'EXPIRED'
          ? [{ type: 'OrderCancelled', data: { ...identity(order), by: 'DEADLINE' } }]
          : [{ type: 'OrderFailed', data: { ...identity(order), failure } }]
      case 'FAILED':
      case 'CANCELLED':
        return []
      default:
        return impossible(`a failed payment for an order that is ${order.status}`)
    }
  }

const identity = ({ orderId, customerId }: Placed) => ({ orderId, customerId })
