import type { OrderId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { PaymentFailure } from '../domain/payment.ts'
import { verdictMemory } from './verdictMemory.ts'

/** What a wallet needs to know of an order that asks to be paid. */
export interface OrderToPay {
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly price: Money
  readonly placedAt: string
  readonly payBy: string
}

/** Orders that a wallet knows again: at least this many, at most twice as many. */
export const REMEMBERED_ORDERS = 5_000

/** The orders that a wallet has debited or refused. */
export const decidedOrders = verdictMemory<Pick<OrderToPay, 'orderId' | 'placedAt'>, PaymentFailure>(
  REMEMBERED_ORDERS,
  ({ orderId, placedAt }) => ({ id: orderId, at: placedAt }),
)
