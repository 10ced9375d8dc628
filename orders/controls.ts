import { ann, eur, minutesAfterNoon, noon, orderId } from '../domain/controls.ts'
import { RefundId } from '../domain/ids.ts'
import type { OrderFailure } from '../domain/payment.ts'
import type { Sku } from '../domain/product.ts'
import type { OrderEvent, OrderLine } from './events.ts'
import type { NewOrder } from './order.ts'

type Of<T extends OrderEvent['type']> = Extract<OrderEvent, { type: T }>

/** An order's events in one word, for tests. */
export const newOrder = (n = 1, amount = 100): NewOrder => ({
  orderId: orderId(n),
  customerId: ann,
  price: eur(amount),
  description: 'a book',
  lines: [],
  fromCart: false,
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
  data: { ...identity, by: 'DEADLINE', statusBefore: 'AWAITING_PAYMENT' },
})

/** So many pieces of a product, at 10 a piece. */
export const line = (sku: Sku, quantity = 1, isLimited = true): OrderLine => ({
  sku,
  name: `The ${sku}`,
  quantity,
  unitPrice: 10,
  isLimited,
})

/** An order of products that costs 100 whatever they are. */
export const placedLines = (lines: OrderLine[]): Of<'OrderPlaced'> => {
  const { description: _, ...order } = newOrder()
  return { type: 'OrderPlaced', data: { ...order, lines } }
}

export const reserved = (): Of<'OrderReserved'> => {
  const { price, paymentMethod, placedAt, payBy } = newOrder()
  return { type: 'OrderReserved', data: { ...identity, price, paymentMethod, placedAt, payBy } }
}

/** The same ending of an order for which stock is kept. */
export const keeping = <E extends Of<'OrderPaid' | 'OrderFailed' | 'OrderCancelled'>>(event: E) => ({
  ...event,
  data: { ...event.data, keepsStock: true as const },
})

/** The same ending of an order that was to be paid by card. */
export const byCard = <E extends Of<'OrderPaid' | 'OrderFailed' | 'OrderCancelled'>>(event: E) => ({
  ...event,
  data: { ...event.data, byCard: true as const },
})

export const placedByCard = (): Of<'OrderPlaced'> => ({
  type: 'OrderPlaced',
  data: { ...newOrder(), paymentMethod: 'CARD' },
})

export const cardDeclined = (declineCode: string, minute = 1): Of<'OrderCardDeclined'> => ({
  type: 'OrderCardDeclined',
  data: { ...identity, declineCode, declinedAt: minutesAfterNoon(minute).toISOString() },
})

export const cancelled = (
  by: 'CUSTOMER' | 'ADMIN',
  statusBefore: 'NEW' | 'AWAITING_PAYMENT' = 'AWAITING_PAYMENT',
): Of<'OrderCancelled'> => ({ type: 'OrderCancelled', data: { ...identity, by, statusBefore } })

export const settled = (): Of<'OrderStockSettled'> => ({ type: 'OrderStockSettled', data: identity })

export const declined = (): Of<'OrderPaymentDeclined'> => ({
  type: 'OrderPaymentDeclined',
  data: { ...identity, price: eur(100) },
})

export const refundId = (n = 1) => RefundId.parse(`e0000000-0000-4000-8000-${String(n).padStart(12, '0')}`)

export const refundRequested = (amount: number, n = 1): Of<'RefundRequested'> => ({
  type: 'RefundRequested',
  data: {
    ...identity,
    refundId: refundId(n),
    amount: eur(amount),
    idempotencyKey: `refund ${n}`,
    fingerprint: `${amount}`,
  },
})

/** So much given back of an order of 100, and so much so far. */
export const refunded = (amount: number, sum: number, n = 1): Of<'OrderRefunded'> => ({
  type: 'OrderRefunded',
  data: { ...identity, refundId: refundId(n), amount: eur(amount), refunded: eur(sum), isFull: sum === 100 },
})
