import type { RefundId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { RefundFailure } from '../domain/payment.ts'
import { refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import { repeated } from '../eventstore/requests.ts'
import type { IdempotencyConflict, Request } from '../eventstore/requests.ts'
import type { OrderEvent } from './events.ts'
import { identity, isPaid } from './order.ts'
import type { Order, Paid, RefundRequest } from './order.ts'

export type RefundRefusal =
  | { readonly code: 'NO_ORDER' }
  | { readonly code: 'NOT_PAID' }
  | { readonly code: 'WRONG_CURRENCY'; readonly currency: string }
  | {
      readonly code: 'MORE_THAN_REMAINS'
      readonly remaining: { readonly amount: number; readonly currency: string }
    }
  | IdempotencyConflict

export interface RefundInput extends Request {
  readonly refundId: RefundId
  /** Undefined: all that remains. */
  readonly amount: Money | undefined
}

/** Gives money back, at most what was paid, in as many parts as somebody likes; the same key counts once. */
export const requestRefund =
  ({ refundId, amount, idempotencyKey, fingerprint }: RefundInput) =>
  (order: Order): Decision<OrderEvent, RefundRefusal> => {
    if (order.status === 'NONE') return refuse({ code: 'NO_ORDER' })
    if (!isPaid(order)) return refuse({ code: 'NOT_PAID' })
    const before = order.refunds.find(({ request }) => request?.idempotencyKey === idempotencyKey)?.request
    if (before) return repeated(before, { fingerprint })
    const { currency } = order.price
    if (amount && amount.currency !== currency) return refuse({ code: 'WRONG_CURRENCY', currency })
    const remaining = remainingOf(order)
    const wanted = amount?.amount ?? remaining
    if (wanted > remaining || remaining === 0)
      return refuse({ code: 'MORE_THAN_REMAINS', remaining: { amount: remaining, currency } })
    return [
      {
        type: 'RefundRequested',
        data: {
          ...identity(order),
          refundId,
          amount: { amount: wanted, currency },
          idempotencyKey,
          fingerprint,
        },
      },
    ]
  }

/** The money is back with the customer. What an order never asked for (money that it declined) is not its business. */
export const recordRefund =
  (refundId: RefundId) =>
  (order: Order): readonly OrderEvent[] => {
    const request = pendingIn(order, refundId)
    return request && isPaid(order) ? [refunded(order, request)] : []
  }

/** The order waits for the payment of which something was given back: it will know in a moment. */
export interface NotYetPaid {
  readonly code: 'NOT_YET_PAID'
}

/**
 * Money was given back by somebody who asked the processor of cards for it, and not us. An order that has ended
 * unpaid gives all of it back anyway.
 */
export const recordRefundElsewhere =
  (refund: { readonly refundId: RefundId; readonly amount: number }) =>
  (order: Order): Decision<OrderEvent, NotYetPaid> => {
    if (order.status === 'AWAITING_PAYMENT') return refuse({ code: 'NOT_YET_PAID' })
    return isPaid(order) && !order.refunds.some(({ refundId }) => refundId === refund.refundId)
      ? [refunded(order, refund)]
      : []
  }

const refunded = (
  order: Paid,
  { refundId, amount }: Pick<RefundRequest, 'refundId' | 'amount'>,
): OrderEvent => {
  const { currency, amount: price } = order.price
  const sum = sumOf(order, 'DONE') + amount
  return {
    type: 'OrderRefunded',
    data: {
      ...identity(order),
      refundId,
      amount: { amount, currency },
      refunded: { amount: sum, currency },
      isFull: sum === price,
    },
  }
}

/** The money could not be given back: as much as before remains. */
export const failRefund =
  (refundId: RefundId, failure: RefundFailure) =>
  (order: Order): readonly OrderEvent[] =>
    pendingIn(order, refundId) && isPaid(order)
      ? [{ type: 'RefundFailed', data: { ...identity(order), refundId, failure } }]
      : []

const pendingIn = (order: Order, refundId: RefundId): RefundRequest | undefined =>
  isPaid(order)
    ? order.refunds.find((request) => request.refundId === refundId && request.status === 'PENDING')
    : undefined

const sumOf = ({ refunds }: Paid, ...statuses: readonly RefundRequest['status'][]): number =>
  refunds.reduce((sum, { amount, status }) => (statuses.includes(status) ? sum + amount : sum), 0)

/**
 * Minor units that may still be given back: what is on its way already doesn't count. Together with what was given
 * back elsewhere that may be more than all of it; then one of them will fail.
 */
const remainingOf = (order: Paid): number => Math.max(0, order.price.amount - sumOf(order, 'DONE', 'PENDING'))
