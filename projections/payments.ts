import type { EventOf } from '../eventstore/catalogue.ts'
import { impossible } from '../eventstore/decision.ts'
import { orderEvents } from '../orders/events.ts'
import { paymentEvents } from '../payments/events.ts'
import { PaymentView } from './documents.ts'
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
const changeBy = ({ type, data }: Changing, { status }: PaymentView): Change | undefined => {
  switch (type) {
    case 'PaymentSucceeded':
      return { status: 'SUCCEEDED', cause: 'wallet debited' }
    case 'PaymentFailed':
      return { status: 'FAILED', cause: CAUSES[data.failure.reason], failure: data.failure }
    case 'OrderFailed':
      return status === 'PENDING' ? { status: 'CANCELLED', cause: 'the order had failed' } : undefined
    case 'OrderCancelled':
      return status === 'PENDING' ? { status: 'CANCELLED', cause: 'the order was cancelled' } : undefined
    case 'PaymentRefunded':
      return {
        status: data.isFull ? 'REFUNDED' : 'PARTIALLY_REFUNDED',
        cause: RETURNS[data.cause],
        refunded: data.refunded,
      }
    case 'PaymentRefundFailed':
      return { status, cause: `a refund failed: ${CAUSES[data.failure.reason]}` }
    default:
      return type satisfies never
  }
}

const RETURNS = {
  REQUESTED: 'given back to the wallet',
  DECLINED: 'given back to the wallet, as the order could not take it any more',
}

const CAUSES = {
  NO_WALLET: 'the customer has no wallet',
  CURRENCY_MISMATCH: 'the wallet is in another currency',
  INSUFFICIENT_FUNDS: 'the wallet did not hold enough',
  EXPIRED: 'the payment deadline had passed',
  AMOUNT_OUT_OF_RANGE: 'the wallet would hold more than a wallet may',
}
