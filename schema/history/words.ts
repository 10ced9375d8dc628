import type { Money } from '../../domain/money.ts'
import type { EventOf } from '../../eventstore/catalogue.ts'
import type { OrderEvent } from '../../orders/events.ts'
import { walletEvents } from '../../payments/events.ts'
import type { PaymentEvent } from '../../payments/events.ts'
import { written } from '../../domain/written.ts'
import { reasonOf, sentenceOf } from '../../domain/reason.ts'

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
    case 'CardPaymentStarted':
      return { kind: 'CARD_PAYMENT_STARTED', text: 'A payment by card was begun.' }
    case 'CardDeclined':
      return { kind: 'CARD_DECLINED', text: sentenceOf({ reason: 'CARD_DECLINED', ...event.data }) }
    case 'PaymentCancelled':
      return { kind: 'PAYMENT_CANCELLED', text: 'The payment was called off: no card can pay it any more.' }
    case 'OrderCardDeclined':
      return { kind: 'CARD_DECLINED_NOTED', text: 'The declined card is on the order’s record.' }
    case 'PaymentSucceeded':
      return { kind: 'PAYMENT_SUCCEEDED', text: `The payment of ${written(event.data.price)} succeeded.` }
    case 'PaymentFailed':
      return { kind: 'PAYMENT_FAILED', text: `The payment failed: ${reasonOf(event.data.failure)}.` }
    case 'OrderPaid':
      return { kind: 'PAID', text: 'The order is paid.' }
    case 'OrderFailed':
      return { kind: 'FAILED', text: `The order failed: ${reasonOf(event.data.failure)}.` }
    case 'OrderReserved':
      return { kind: 'RESERVED', text: 'Everything is reserved; the payment is due.' }
    case 'OrderStockSettled':
      return { kind: 'STOCK_SETTLED', text: 'What was reserved has left the stock, or is back in it.' }
    case 'OrderPaymentDeclined':
      return {
        kind: 'PAYMENT_DECLINED',
        text: `The payment of ${written(event.data.price)} came too late and is given back.`,
      }
    case 'RefundRequested':
      return { kind: 'REFUND_REQUESTED', text: `${written(event.data.amount)} are to be given back.` }
    case 'OrderRefunded':
      return { kind: 'REFUNDED', text: refunded(event.data) }
    case 'RefundFailed':
      return { kind: 'REFUND_FAILED', text: `The refund failed: ${reasonOf(event.data.failure)}.` }
    case 'PaymentRefunded':
      return {
        kind: 'PAYMENT_REFUNDED',
        text: `${written(event.data.amount)} went back to the ${PLACES[event.data.method]}.`,
      }
    case 'PaymentRefundFailed':
      return {
        kind: 'PAYMENT_REFUND_FAILED',
        text: `${written(event.data.amount)} could not go back to the ${PLACES[event.data.method]}: ${reasonOf(event.data.failure)}.`,
      }
    case 'OrderCancelled':
      return { kind: 'CANCELLED', text: cancelled(event.data.by) }
    default:
      return event satisfies never
  }
}

const PLACES = { WALLET: 'wallet', CARD: 'card' }

const cancelled = (by: Extract<OrderEvent, { type: 'OrderCancelled' }>['data']['by']): string => {
  switch (by) {
    case 'CUSTOMER':
      return 'The customer cancelled the order.'
    case 'ADMIN':
      return 'The shop cancelled the order.'
    case 'DEADLINE':
      return 'The order was cancelled: it was not paid in time.'
    default:
      return by satisfies never
  }
}

const refunded = ({ amount, isFull }: Extract<OrderEvent, { type: 'OrderRefunded' }>['data']): string =>
  isFull ? 'All of the money was given back.' : `${written(amount)} were given back.`
