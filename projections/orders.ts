import type { Recorded } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import { orderEvents } from '../orders/events.ts'
import type { OrderEvent } from '../orders/events.ts'
import { OrderView } from './documents.ts'
import type { OrderStatus } from './documents.ts'
import { projection } from './projection.ts'

/** Every order with its status and how it came to it. */
export const orders = projection({
  name: 'orders',
  version: 1,
  events: orderEvents,
  view: OrderView,
  indexes: [
    { customerId: 1, placedPosition: -1 },
    { customerId: 1, status: 1, placedPosition: -1 },
    { placedPosition: -1 },
    { status: 1, placedPosition: -1 },
  ],
  id: ({ data }) => data.orderId,
  begins: ({ type }) => type === 'OrderPlaced',
  apply: (order, event) => {
    if (event.type === 'OrderPlaced') {
      const { orderId: _id, customerId, price, description, paymentMethod, placedAt, payBy } = event.data
      const first = step('AWAITING_PAYMENT', event)
      const fixed = { _id, customerId, price, description, paymentMethod, placedAt, payBy }
      return { ...fixed, ...latest(first), history: [first], placedPosition: first.position }
    }
    if (!order) return impossible(`${event.type} before the order was placed`)
    const next = step(statusAfter(event.type), event)
    const failure = event.type === 'OrderFailed' ? { failure: event.data.failure } : {}
    return { ...order, ...latest(next), ...failure, history: [...order.history, next] }
  },
})

/** The status that an event brings its order to. */
export const statusAfter = (type: OrderEvent['type']): OrderStatus => {
  switch (type) {
    case 'OrderPlaced':
      return 'AWAITING_PAYMENT'
    case 'OrderPaid':
      return 'PAID'
    case 'OrderFailed':
      return 'FAILED'
    case 'OrderCancelled':
      return 'CANCELLED'
    default:
      return type satisfies never
  }
}

type Step = OrderView['history'][number]

const step = (status: OrderStatus, { revision, position, metadata }: Recorded<OrderEvent>): Step => ({
  status,
  revision,
  at: metadata.at,
  position: Number(position),
})

const latest = ({ status, revision }: Step) => ({ status, revision })
