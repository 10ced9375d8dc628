import { ann, eur, minutesAfterNoon, noon, orderId } from '../domain/controls.ts'
import type { OrderFailure } from '../domain/payment.ts'
import type { OrderEvent } from './events.ts'
import type { NewOrder } from './order.ts'

type Of<T extends OrderEvent['type']> = Extract<OrderEvent, { type: T }>

/** An order's events in one word, for tests. */
export const newOrder = (n = 1, amount = 100): NewOrder => ({
  orderId: orderId(n),
  customerId: ann,
  price: eur(amount),
  description: 'a book',
  paymentMethod: 'WALLET',
  placedAt: noon.toISOString(),
  payBy: minutesAfterNoon(10).toISOString(),
})

const identity = { orderId: orderId(1), customerId: ann }

export const placed = (): Of<'OrderPlaced'> => ({ type: 'OrderPlaced', data: newOrder() })
export const paid = (): Of<'OrderPaid'> => ({ type: 'OrderPaid', data: identity })
export const failed = (failure: OrderFailure): Of<'OrderFailed'> => ({
  type: 'OrderFailed',
  data: { ...identity, failure },
})
export const expired = (): Of<'OrderCancelled'> => ({
  type: 'OrderCancelled',
  data: { ...identity, by: 'DEADLINE' },
})
