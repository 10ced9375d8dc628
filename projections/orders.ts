import type { Recorded } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import { linesToReserve, orderEvents } from '../orders/events.ts'
import type { OrderEvent } from '../orders/events.ts'
import { OrderView } from './documents.ts'
import type { OrderStatus } from './documents.ts'
import { projection } from './projection.ts'

/** Every order with its status and how it came to it. */
export const orders = projection({
  name: 'orders',
  version: 2,
  events: orderEvents,
  view: OrderView,
  indexes: [
    { key: { customerId: 1, placedPosition: -1 } },
    { key: { customerId: 1, status: 1, placedPosition: -1 } },
    { key: { placedPosition: -1 } },
    { key: { status: 1, placedPosition: -1 } },
    // Only what is due some time: nearly all orders have come to their end.
    { key: { dueAt: 1 }, partialFilterExpression: { dueAt: { $exists: true } } },
  ],
  id: ({ data }) => data.orderId,
  begins: ({ type }) => type === 'OrderPlaced',
  apply: (order, event) => {
    if (event.type === 'OrderPlaced') return placed(event)
    if (!order) return impossible(`${event.type} before the order was placed`)
    const { dueAt: _, ...before } = order
    const status = statusAfter(event)
    const next = status && step(status, event)
    return {
      ...before,
      ...(next ? { ...latest(next), history: [...order.history, next] } : {}),
      ...(event.type === 'OrderFailed' ? { failure: event.data.failure } : {}),
      ...(event.type === 'OrderRefunded' ? { refunded: event.data.refunded } : {}),
      ...dueAfter(order, event),
    }
  },
})

type Placing = Recorded<Extract<OrderEvent, { type: 'OrderPlaced' }>>

const placed = (event: Placing): OrderView => {
  const { orderId: _id, customerId, price, description, lines, paymentMethod, placedAt, payBy } = event.data
  const needsStock = linesToReserve(lines).length > 0
  const first = step(statusAfter(event) ?? 'NEW', event)
  return {
    _id,
    customerId,
    price,
    ...(description === undefined ? {} : { description }),
    lines,
    paymentMethod,
    placedAt,
    payBy,
    ...latest(first),
    history: [first],
    placedPosition: first.position,
    dueAt: needsStock ? earlier(payBy, soonAfter(placedAt)) : payBy,
  }
}

/** What an order does without anybody's help takes a moment; whoever finds it undone after this long helps. */
const MOMENT = 30_000

const soonAfter = (at: string): string => new Date(Date.parse(at) + MOMENT).toISOString()

const earlier = (a: string, b: string): string => (a < b ? a : b)

/** While it may still be paid, an order is due at its deadline; while its stock is to be settled, soon. */
const dueAfter = (order: OrderView, event: Recorded<OrderEvent>): Pick<OrderView, 'dueAt'> => {
  switch (event.type) {
    case 'OrderReserved':
      return { dueAt: order.payBy }
    case 'OrderPaid':
    case 'OrderFailed':
    case 'OrderCancelled':
      return event.data.keepsStock ? { dueAt: soonAfter(event.metadata.at) } : {}
    case 'OrderStockSettled':
      return {}
    default:
      return order.dueAt === undefined ? {} : { dueAt: order.dueAt }
  }
}

/** The status that an event brings its order to; undefined if it stays as it is. */
export const statusAfter = ({ type, data }: OrderEvent): OrderStatus | undefined => {
  switch (type) {
    case 'OrderPlaced':
      return linesToReserve(data.lines).length > 0 ? 'NEW' : 'AWAITING_PAYMENT'
    case 'OrderReserved':
      return 'AWAITING_PAYMENT'
    case 'OrderPaid':
      return 'PAID'
    case 'OrderFailed':
      return 'FAILED'
    case 'OrderCancelled':
      return 'CANCELLED'
    case 'OrderRefunded':
      return data.isFull ? 'REFUNDED' : undefined
    case 'OrderStockSettled':
    case 'OrderCardDeclined':
    case 'OrderPaymentDeclined':
    case 'RefundRequested':
    case 'RefundFailed':
      return undefined
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
