import { sentenceOf } from '../../domain/reason.ts'
import type { OrderFailure } from '../../domain/payment.ts'
import type { Money } from '../../domain/money.ts'
import type { OrderStatus } from '../../projections/documents.ts'
import type { Order, StatusMessage } from './schemas.ts'

/** An order as every surface shows it. */
export interface ShownOrder {
  readonly id: string
  readonly customerId: string
  readonly status: OrderStatus
  readonly price: Money
  readonly description?: string | undefined
  readonly lines: readonly {
    readonly sku: string
    readonly name: string
    readonly quantity: number
    readonly unitPrice: Money
    readonly total: Money
  }[]
  readonly paymentMethod: Order['payment_method']
  readonly failure?: OrderFailure | undefined
  readonly refunded?: Money | undefined
  readonly placedAt: string
  readonly payBy: string
}

export const pathOf = (id: string): string => `/orders/${id}`

/** The same in the words of plain HTTP. */
export const orderAsJson = ({ id, price, lines, failure, refunded, ...order }: ShownOrder): Order => ({
  id,
  customer_id: order.customerId,
  status: order.status,
  ...price,
  ...(order.description !== undefined && { description: order.description }),
  lines: lines.map(({ sku, name, quantity, unitPrice, total }) => ({
    sku,
    name,
    quantity,
    unit_amount: unitPrice.amount,
    amount: total.amount,
  })),
  payment_method: order.paymentMethod,
  ...(failure && { failure: failureAsJson(failure) }),
  ...(refunded && { refunded_amount: refunded.amount }),
  placed_at: order.placedAt,
  pay_by: order.payBy,
  links: { self: pathOf(id), cancel: `${pathOf(id)}/cancel`, live: `${pathOf(id)}/ws` },
})

const failureAsJson = (failure: OrderFailure): Order['failure'] => ({
  reason: failure.reason,
  message: sentenceOf(failure),
  ...(failure.reason === 'INSUFFICIENT_FUNDS' && { short_by: failure.shortBy }),
  ...(failure.reason === 'OUT_OF_STOCK' && { missing: failure.missing }),
})

/** A status as whoever watches is told of it. */
export const watched: Readonly<Record<OrderStatus, StatusMessage['status']>> = {
  NEW: 'pending',
  AWAITING_PAYMENT: 'pending',
  PAID: 'paid',
  FAILED: 'failed',
  CANCELLED: 'cancelled',
  REFUNDED: 'refunded',
}
