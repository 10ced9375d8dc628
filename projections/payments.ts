import { impossible } from '../eventstore/decision.ts'
import { orderEvents } from '../orders/events.ts'
import { paymentEvents } from '../payments/events.ts'
import { PaymentView } from './documents.ts'
import { projection } from './projection.ts'

const { OrderPlaced } = orderEvents

/** The payment of every order, from the moment it is asked for, with what caused each change. */
export const payments = projection({
  name: 'payments',
  version: 1,
  events: { OrderPlaced, ...paymentEvents },
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
    const change =
      event.type === 'PaymentSucceeded'
        ? ({ status: 'SUCCEEDED', cause: 'wallet debited', at } as const)
        : ({ status: 'FAILED', cause: CAUSES[event.data.failure.reason], at } as const)
    const failure = event.type === 'PaymentFailed' ? { failure: event.data.failure } : {}
    return { ...payment, ...failure, status: change.status, history: [...payment.history, change] }
  },
})

const CAUSES = {
  NO_WALLET: 'the customer has no wallet',
  CURRENCY_MISMATCH: 'the wallet is in another currency',
  INSUFFICIENT_FUNDS: 'the wallet did not hold enough',
  EXPIRED: 'the payment deadline had passed',
}
