import type { OrderId, RefundId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { RefundFailure } from '../domain/payment.ts'
import { verdictMemory } from './verdictMemory.ts'

/** Money of an order that is to be given back to its customer's wallet. */
export interface Refund {
  readonly refundId: RefundId
  readonly orderId: OrderId
  readonly customerId: UserId
  readonly amount: Money
  readonly requestedAt: string
}

/** The refunds that a wallet has taken or refused: at least so many are known again. */
export const decidedRefunds = verdictMemory<Pick<Refund, 'refundId' | 'requestedAt'>, RefundFailure>(
  1_000,
  ({ refundId, requestedAt }) => ({ id: refundId, at: requestedAt }),
)
