import { codecOf } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import type { PaymentFailure } from '../domain/payment.ts'
import { paymentEvents } from './events.ts'
import type { PaymentEvent } from './events.ts'

/** The outcome of charging an order: at most one, for ever. */
export type Payment =
  | { readonly status: 'PENDING' }
  | { readonly status: 'SUCCEEDED' }
  | { readonly status: 'FAILED'; readonly failure: PaymentFailure }

const evolve = (_: Payment, { type, data }: PaymentEvent): Payment => {
  switch (type) {
    case 'PaymentSucceeded':
      return { status: 'SUCCEEDED' }
    case 'PaymentFailed':
      return { status: 'FAILED', failure: data.failure }
    default:
      return type satisfies never
  }
}

/** Streams `payment-<order id>`. */
export const payment: Aggregate<Payment, PaymentEvent> = {
  category: 'payment',
  codec: codecOf(paymentEvents),
  initial: { status: 'PENDING' },
  evolve,
}

/** Records how charging the order ended; the same outcome again changes nothing. */
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
