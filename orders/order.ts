import type { OrderId, RefundId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { OrderFailure, PaymentMethod } from '../domain/payment.ts'
import type { Sku } from '../domain/product.ts'
import { codecOf } from '../eventstore/codec.ts'
import { impossible, refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import type { Request } from '../eventstore/requests.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { linesToReserve, orderEvents } from './events.ts'
import type { OrderEvent } from './events.ts'

/** The stock that an order needs, and whether all is done that is to be done about it. */
export interface OrderStock {
  readonly placedAt: string
  readonly lines: readonly { readonly sku: Sku; readonly quantity: number }[]
  readonly isSettled: boolean
}

export interface Placed {
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly price: Money
  readonly paymentMethod: PaymentMethod
  /** Undefined: it needs none. */
  readonly stock: OrderStock | undefined
}

/** Somebody's wish to give money back, or what was given back at the processor of cards and asked for there. */
export interface RefundRequest {
  readonly refundId: RefundId
  /** Minor units of the order's currency. */
  readonly amount: number
  /** Undefined: it was not asked for here. */
  readonly request: Request | undefined
  readonly status: 'PENDING' | 'DONE' | 'FAILED'
}

interface New extends Placed {
  readonly status: 'NEW'
  /** What its payment has to know, as soon as all is reserved. */
  readonly terms: Pick<NewOrder, 'placedAt' | 'payBy'>
}

interface Awaiting extends Placed {
  readonly status: 'AWAITING_PAYMENT'
  /** The newest that is known of; absent if no card was declined. */
  readonly decline?: Decline
}

/** A card that was declined, and when. */
export interface Decline {
  readonly declineCode: string
  readonly declinedAt: string
}

/** It has ended without being paid. Money may come all the same, and is declined, once. */
interface Over extends Placed {
  readonly hasDeclinedMoney: boolean
}

export type Order =
  | { readonly status: 'NONE' }
  | New
  | Awaiting
  | ({ readonly status: 'PAID' | 'REFUNDED'; readonly refunds: readonly RefundRequest[] } & Placed)
  | ({ readonly status: 'FAILED'; readonly failure: OrderFailure } & Over)
  | ({ readonly status: 'CANCELLED' } & Over)

const evolve = (order: Order, { type, data }: OrderEvent): Order => {
  if (type === 'OrderPlaced') return asPlaced(data)
  if (order.status === 'NONE') return impossible(`${type} before the order was placed`)
  const { orderId, customerId, price, paymentMethod, stock } = order
  const placed = { orderId, customerId, price, paymentMethod, stock }
  switch (type) {
    case 'OrderReserved':
      return { ...placed, status: 'AWAITING_PAYMENT' }
    case 'OrderCardDeclined':
      return order.status === 'AWAITING_PAYMENT'
        ? { ...order, decline: { declineCode: data.declineCode, declinedAt: data.declinedAt } }
        : impossible(`${type} while ${order.status}`)
    case 'OrderPaid':
      return { ...placed, status: 'PAID', refunds: [] }
    case 'OrderFailed':
      return { ...placed, status: 'FAILED', failure: data.failure, hasDeclinedMoney: false }
    case 'OrderCancelled':
      return { ...placed, status: 'CANCELLED', hasDeclinedMoney: false }
    case 'OrderStockSettled':
      return { ...order, stock: stock && { ...stock, isSettled: true } }
    case 'OrderPaymentDeclined':
      return isOver(order)
        ? { ...order, hasDeclinedMoney: true }
        : impossible(`${type} while ${order.status}`)
    case 'RefundRequested': {
      const { refundId, amount, idempotencyKey, fingerprint } = data
      const request = { idempotencyKey, fingerprint }
      const paid = asPaid(order)
      const wish = { refundId, amount: amount.amount, request, status: 'PENDING' } as const
      return { ...paid, refunds: [...paid.refunds, wish] }
    }
    case 'OrderRefunded': {
      const paid = decided(known(asPaid(order), data), data.refundId, 'DONE')
      return data.isFull ? { ...paid, status: 'REFUNDED' } : paid
    }
    case 'RefundFailed':
      return decided(asPaid(order), data.refundId, 'FAILED')
    default:
      return type satisfies never
  }
}

const asPlaced = ({ orderId, customerId, price, lines, paymentMethod, placedAt, payBy }: NewOrder): Order => {
  const kept = linesToReserve(lines).map(({ sku, quantity }) => ({ sku, quantity }))
  const placed = { orderId, customerId, price, paymentMethod }
  return kept.length === 0
    ? { ...placed, status: 'AWAITING_PAYMENT', stock: undefined }
    : {
        ...placed,
        status: 'NEW',
        stock: { placedAt, lines: kept, isSettled: false },
        terms: { placedAt, payBy },
      }
}

type RefundedData = Extract<OrderEvent, { type: 'OrderRefunded' }>['data']

/** An order whose money has come. */
export type Paid = Extract<Order, { readonly refunds: unknown }>

export const isPaid = (order: Order): order is Paid => order.status === 'PAID' || order.status === 'REFUNDED'

const asPaid = (order: Order): Paid =>
  isPaid(order) ? order : impossible(`a refund of an order that is ${order.status}`)

/** The order with that refund among its own. */
const known = (order: Paid, { refundId, amount: { amount } }: RefundedData): Paid =>
  order.refunds.some((refund) => refund.refundId === refundId)
    ? order
    : { ...order, refunds: [...order.refunds, { refundId, amount, request: undefined, status: 'PENDING' }] }

const decided = (order: Paid, refundId: RefundId, status: 'DONE' | 'FAILED'): Paid => ({
  ...order,
  refunds: order.refunds.map((refund) => (refund.refundId === refundId ? { ...refund, status } : refund)),
})

export const isOver = (order: Order): order is Extract<Order, Over> =>
  order.status === 'FAILED' || order.status === 'CANCELLED'

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

/** Whose order it is: part of every event. */
export const identity = ({ orderId, customerId }: Placed) => ({ orderId, customerId })

/** What its last events say. */
export const ending = (order: Placed) => ({
  ...identity(order),
  ...(order.stock ? { keepsStock: true as const } : {}),
  ...(order.paymentMethod === 'CARD' ? { byCard: true as const } : {}),
})
