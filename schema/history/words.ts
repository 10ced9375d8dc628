import type { Money } from '../../domain/money.ts'
import type { EventOf } from '../../eventstore/catalogue.ts'
import type { OrderEvent } from '../../orders/events.ts'
import { walletEvents } from '../../payments/events.ts'
import type { PaymentEvent } from '../../payments/events.ts'
import { written } from './money.ts'
import { reasonOf } from './reason.ts'

const { FundsDebited, DebitRefused } = walletEvents

/** What a wallet says to an order. */
export const verdicts = { FundsDebited, DebitRefused }
export type Verdict = EventOf<typeof verdicts>

/** Everything that happens to an order, in whichever stream. */
export type Happening = OrderEvent | PaymentEvent | Verdict

/** What happened, for programs and for people. Nothing that anybody typed in is part of it. */
export interface Words {
  readonly kind: string
  readonly text: string
}

/** The words for an event of an order with this price; a wallet is only ever charged in the price's currency. */
export const wordsFor = (event: Happening, { currency }: Money): Words => {
  switch (event.type) {
    case 'OrderPlaced':
      return { kind: 'PLACED', text: `The order was placed, for ${written(event.data.price)}.` }
    case 'FundsDebited': {
      const charged = written({ amount: event.data.amount, currency })
      return { kind: 'WALLET_CHARGED', text: `The wallet was charged ${charged}.` }
    }
    case 'DebitRefused':
      return {
        kind: 'WALLET_REFUSED',
        text: `The wallet was not charged: ${reasonOf(event.data.failure)}.`,
      }
    case 'PaymentSucceeded':
      return { kind: 'PAYMENT_SUCCEEDED', text: `The payment of ${written(event.data.price)} succeeded.` }
    case 'PaymentFailed':
      return { kind: 'PAYMENT_FAILED', text: `The payment failed: ${reasonOf(event.data.failure)}.` }
    case 'OrderPaid':
      return { kind: 'PAID', text: 'The order is paid.' }
    case 'OrderFailed':
      return { kind: 'FAILED', text: `The order failed: ${reasonOf(event.data.failure)}.` }
    case 'OrderCancelled':
      return { kind: 'CANCELLED', text: cancelled(event.data.by) }
    default:
      return event satisfies never
  }
}

const cancelled = (by: Extract<OrderEvent, { type: 'OrderCancelled' }>['data']['by']): string => {
  switch (by) {
    case 'DEADLINE':
      return 'The order was cancelled: it was not paid in time.'
    default:
      return by satisfies never
  }
}
