import { codecOf } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import type { RefundId } from '../domain/ids.ts'
import type { PaymentFailure, RefundFailure } from '../domain/payment.ts'
import type { Refund } from './decidedRefunds.ts'
import { paymentEvents } from './events.ts'
import type { PaymentEvent, RefundCause } from './events.ts'

/** A payment by card that was begun at the processor. */
export type CardCharge = Extract<PaymentEvent, { type: 'CardPaymentStarted' }>['data']

/** What was taken for an order, and may be given back, in parts. */
export interface Succeeded {
  readonly status: 'SUCCEEDED'
  /** Undefined: it was taken from the wallet. */
  readonly intentId: string | undefined
  /** Minor units that were taken, and those of them that were given back. */
  readonly taken: number
  readonly returned: number
  readonly refunds: ReadonlyMap<RefundId, 'DONE' | 'FAILED'>
}

/**
 * The outcome of charging an order: at most one, for ever, but that a card may be charged when nobody expects it any
 * more: then that is the outcome.
 */
export type Payment =
  | {
      readonly status: 'PENDING'
      /** Undefined unless a card may pay it. */
      readonly card: CardCharge | undefined
      /** What the processor has told of declined cards. */
      readonly declines: ReadonlySet<string>
    }
  | Succeeded
  | { readonly status: 'FAILED'; readonly failure: PaymentFailure }
  | { readonly status: 'CANCELLED' }

const evolve = (payment: Payment, { type, data }: PaymentEvent): Payment => {
  switch (type) {
    case 'CardPaymentStarted':
      return payment.status === 'PENDING'
        ? { ...payment, card: data }
        : impossible(`${type} of a payment that is ${payment.status}`)
    case 'CardDeclined':
      return payment.status === 'PENDING'
        ? { ...payment, declines: new Set([...payment.declines, data.eventId]) }
        : impossible(`${type} of a payment that is ${payment.status}`)
    case 'PaymentSucceeded': {
      const { intentId, price } = data
      return { status: 'SUCCEEDED', intentId, taken: price.amount, returned: 0, refunds: new Map() }
    }
    case 'PaymentFailed':
      return { status: 'FAILED', failure: data.failure }
    case 'PaymentCancelled':
      return { status: 'CANCELLED' }
    case 'PaymentRefunded':
    case 'PaymentRefundFailed': {
      if (payment.status !== 'SUCCEEDED') return impossible(`${type} of a payment that is ${payment.status}`)
      const isDone = type === 'PaymentRefunded'
      const returned = isDone ? data.refunded.amount : payment.returned
      const refunds = new Map([...payment.refunds, [data.refundId, isDone ? 'DONE' : 'FAILED'] as const])
      return { ...payment, returned, refunds }
    }
    default:
      return type satisfies never
  }
}

/** Streams `payment-<order id>`. */
export const payment: Aggregate<Payment, PaymentEvent> = {
  category: 'payment',
  codec: codecOf(paymentEvents),
  initial: { status: 'PENDING', card: undefined, declines: new Set() },
  evolve,
}

/** Records how charging the wallet ended; the same outcome again changes nothing. */
export const settle =
  (data: Extract<PaymentEvent, { type: 'PaymentSucceeded' }>['data'], failure: PaymentFailure | undefined) =>
  (payment: Payment): readonly PaymentEvent[] => {
    const outcome = failure ? 'FAILED' : 'SUCCEEDED'
    if (payment.status === 'PENDING')
      return failure
        ? [{ type: 'PaymentFailed', data: { ...data, failure } }]
        : [{ type: 'PaymentSucceeded', data }]
    return payment.status === outcome ? [] : impossible(`payment ${payment.status}, and now ${outcome}`)
  }

/** Records what became of a refund, once. */
export const giveBack =
  (
    { refundId, orderId, customerId, amount }: Omit<Refund, 'requestedAt'>,
    cause: RefundCause,
    failure: RefundFailure | undefined,
  ) =>
  (payment: Payment): readonly PaymentEvent[] => {
    if (payment.status !== 'SUCCEEDED') return impossible(`a refund of a payment that is ${payment.status}`)
    if (payment.refunds.has(refundId)) return []
    const method = payment.intentId === undefined ? 'WALLET' : 'CARD'
    const returned = { orderId, customerId, refundId, method, amount, cause } as const
    if (failure) return [{ type: 'PaymentRefundFailed', data: { ...returned, failure } }]
    const sum = payment.returned + amount.amount
    if (sum > payment.taken) return impossible(`${sum} given back of ${payment.taken}`)
    const refunded = { amount: sum, currency: amount.currency }
    return [{ type: 'PaymentRefunded', data: { ...returned, refunded, isFull: sum === payment.taken } }]
  }
