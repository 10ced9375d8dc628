import type { EventOf } from '../eventstore/catalogue.ts'
import { impossible } from '../eventstore/decision.ts'
import { orderEvents } from '../orders/events.ts'
import type { PaymentFailure, RefundFailure } from '../domain/payment.ts'
import { paymentEvents } from '../payments/events.ts'
import { PaymentView } from './documents.ts'
import { reasonOf } from '../domain/reason.ts'
import { projection } from './projection.ts'

const { OrderPlaced, OrderFailed, OrderCancelled } = orderEvents
const events = { OrderPlaced, OrderFailed, OrderCancelled, ...paymentEvents }

/** The payment of every order, from the moment it is asked for, with what caused each change. */
export const payments = projection({
  name: 'payments',
  version: 2,
  events,
  view: PaymentView,
  indexes: [],
  id: ({ data }) => data.orderId,
  begins: ({ type }) => type === 'OrderPlaced',
  apply: (payment, event) => {
    const { at } = event.metadata
    if (event.type === 'OrderPlaced') {
      const { orderId: _id, customerId, paymentMethod: method, price } = event.data
      const asked = { status: 'PENDING', cause: 'order placed', at } as const
      return { _id, customerId, method, price, status: asked.status, history: [asked] }
    }
    if (!payment) return impossible(`${event.type} before the order was placed`)
    const change = changeBy(event, payment)
    if (!change) return payment
    const { status, cause, ...details } = change
    return { ...payment, ...details, status, history: [...payment.history, { status, cause, at }] }
  },
})

type Change = Pick<PaymentView, 'status' | 'failure' | 'refunded'> & { readonly cause: string }
type Changing = Exclude<EventOf<typeof events>, { type: 'OrderPlaced' }>

/** Undefined: it stays as it is. */
const changeBy = ({ type, data }: Changing, { status, method }: PaymentView): Change | undefined => {
  switch (type) {
    case 'CardPaymentStarted':
      return { status, cause: 'begun at the card processor' }
    case 'CardDeclined':
      return { status, cause: reasonOf({ reason: 'CARD_DECLINED', ...data }) }
    case 'PaymentSucceeded':
      return { status: 'SUCCEEDED', cause: data.method === 'CARD' ? 'card charged' : 'wallet debited' }
    case 'PaymentFailed':
      return { status: 'FAILED', cause: causeOf(data.failure), failure: data.failure }
    case 'PaymentCancelled':
      return { status: 'CANCELLED', cause: 'the order had ended, and no card can pay it any more' }
    case 'OrderFailed':
      return isOpen(status, method) ? { status: 'CANCELLED', cause: 'the order had failed' } : undefined
    case 'OrderCancelled':
      return isOpen(status, method) ? { status: 'CANCELLED', cause: 'the order was cancelled' } : undefined
    case 'PaymentRefunded':
      return {
        status: data.isFull ? 'REFUNDED' : 'PARTIALLY_REFUNDED',
        cause: `given back to the ${PLACES[data.method]}${RETURNS[data.cause]}`,
        refunded: data.refunded,
      }
    case 'PaymentRefundFailed':
      return { status, cause: `a refund failed: ${causeOf(data.failure)}` }
    default:
      return type satisfies never
  }
}

/** A card's payment is open until the processor has let it go. */
const isOpen = (status: PaymentView['status'], method: PaymentView['method']): boolean =>
  status === 'PENDING' && method === 'WALLET'

const PLACES = { WALLET: 'wallet', CARD: 'card' }

const RETURNS = {
  REQUESTED: '',
  DECLINED: ', as the order could not take it any more',
  ELSEWHERE: ', by somebody who asked the card processor for it',
}

/** In the words that histories have had since their beginning; of cards, in those that everybody is told. */
const causeOf = (failure: PaymentFailure | RefundFailure): string => {
  switch (failure.reason) {
    case 'CARD_DECLINED':
    case 'CARD_PAYMENT_CANCELLED':
    case 'CARD_REFUND_REFUSED':
      return reasonOf(failure)
    default:
      return CAUSES[failure.reason]
  }
}

const CAUSES = {
  NO_WALLET: 'the customer has no wallet',
  CURRENCY_MISMATCH: 'the wallet is in another currency',
  INSUFFICIENT_FUNDS: 'the wallet did not hold enough',
  EXPIRED: 'the payment deadline had passed',
  AMOUNT_OUT_OF_RANGE: 'the wallet would hold more than a wallet may',
}
