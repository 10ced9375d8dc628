import type { OrderFailure, PaymentFailure } from '../domain/payment.ts'
import { impossible, refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import type { OrderEvent } from './events.ts'
import { ending, identity } from './order.ts'
import type { Decline, Order } from './order.ts'

/** All that it needs is reserved. Nothing comes of that where the order has ended meanwhile. */
export const confirmReservation =
  () =>
  (order: Order): readonly OrderEvent[] => {
    if (order.status === 'NONE') return impossible('stock for an order that nobody placed')
    if (order.status !== 'NEW') return []
    const { price, paymentMethod, terms } = order
    return [{ type: 'OrderReserved', data: { ...identity(order), price, paymentMethod, ...terms } }]
  }

/** Some of what it needs is not there. */
export const failReservation =
  (missing: Extract<OrderFailure, { reason: 'OUT_OF_STOCK' }>['missing']) =>
  (order: Order): readonly OrderEvent[] => {
    switch (order.status) {
      case 'NEW':
        return [
          { type: 'OrderFailed', data: { ...ending(order), failure: { reason: 'OUT_OF_STOCK', missing } } },
        ]
      case 'FAILED':
      case 'CANCELLED':
        return []
      default:
        return impossible(`no stock for an order that is ${order.status}`)
    }
  }

/**
 * The customer's card was declined. Only the newest counts, in whichever order they come to be known, and only while
 * the order may still be paid.
 */
export const declineCard =
  (decline: Decline) =>
  (order: Order): readonly OrderEvent[] => {
    if (order.status === 'NONE' || order.status === 'NEW')
      return impossible(`a declined card for an order that is ${order.status}`)
    if (order.status !== 'AWAITING_PAYMENT') return []
    return order.decline && keyOf(order.decline) >= keyOf(decline)
      ? []
      : [{ type: 'OrderCardDeclined', data: { ...identity(order), ...decline } }]
  }

/** Declines are known to the second: those of the same one have an order, too. */
const keyOf = ({ declinedAt, declineCode }: Decline): string => `${declinedAt} ${declineCode}`

/** The customer's money arrived. An order that has ended without it declines it, and it is given back. */
export const pay =
  () =>
  (order: Order): readonly OrderEvent[] => {
    switch (order.status) {
      case 'AWAITING_PAYMENT':
        return [{ type: 'OrderPaid', data: ending(order) }]
      case 'PAID':
      case 'REFUNDED':
        return []
      case 'FAILED':
      case 'CANCELLED':
        return order.hasDeclinedMoney
          ? []
          : [{ type: 'OrderPaymentDeclined', data: { ...identity(order), price: order.price } }]
      default:
        return impossible(`money for an order that is ${order.status}`)
    }
  }

/** The payment can't come about any more. A card may have been charged all the same: then that is what counts. */
export const giveUp =
  (failure: PaymentFailure) =>
  (order: Order): readonly OrderEvent[] => {
    switch (order.status) {
      case 'AWAITING_PAYMENT':
        return failure.reason === 'EXPIRED'
          ? [cancelled(order, 'DEADLINE')]
          : [{ type: 'OrderFailed', data: { ...ending(order), failure } }]
      case 'FAILED':
      case 'CANCELLED':
        return []
      case 'PAID':
      case 'REFUNDED':
        return order.paymentMethod === 'CARD' ? [] : impossible(`a failed payment of an order that is paid`)
      default:
        return impossible(`a failed payment for an order that is ${order.status}`)
    }
  }

/** The payment deadline has passed: what is not paid is cancelled, and has failed if its customer's card was declined. */
export const expire =
  () =>
  (order: Order): readonly OrderEvent[] => {
    if (order.status !== 'NEW' && order.status !== 'AWAITING_PAYMENT') return []
    if (order.status === 'NEW' || !order.decline) return [cancelled(order, 'DEADLINE')]
    const { declineCode } = order.decline
    const failure = { reason: 'CARD_DECLINED', declineCode } as const
    return [{ type: 'OrderFailed', data: { ...ending(order), failure } }]
  }

export type CancelRefusal =
  { readonly code: 'NO_ORDER' } | { readonly code: 'ALREADY_PAID' } | { readonly code: 'ALREADY_FAILED' }

/** Somebody doesn't want it any more. Cancelling twice is cancelling once. */
export const cancel =
  (by: 'CUSTOMER' | 'ADMIN') =>
  (order: Order): Decision<OrderEvent, CancelRefusal> => {
    switch (order.status) {
      case 'NEW':
      case 'AWAITING_PAYMENT':
        return [cancelled(order, by)]
      case 'CANCELLED':
        return []
      case 'NONE':
        return refuse({ code: 'NO_ORDER' })
      case 'PAID':
      case 'REFUNDED':
        return refuse({ code: 'ALREADY_PAID' })
      case 'FAILED':
        return refuse({ code: 'ALREADY_FAILED' })
      default:
        return order satisfies never
    }
  }

/** What was reserved is written off or released. */
export const settleStock =
  () =>
  (order: Order): readonly OrderEvent[] => {
    if (order.status === 'NONE' || order.status === 'NEW' || order.status === 'AWAITING_PAYMENT')
      return impossible(`settled stock of an order that is ${order.status}`)
    return order.stock && !order.stock.isSettled ? [{ type: 'OrderStockSettled', data: identity(order) }] : []
  }

const cancelled = (
  order: Extract<Order, { status: 'NEW' | 'AWAITING_PAYMENT' }>,
  by: 'CUSTOMER' | 'ADMIN' | 'DEADLINE',
): OrderEvent => ({ type: 'OrderCancelled', data: { ...ending(order), by, statusBefore: order.status } })
