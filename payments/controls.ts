import { ann, eur, minutesAfterNoon, noon, orderId } from '../domain/controls.ts'
import { RefundId, ReversalId, TopUpId } from '../domain/ids.ts'
import type { DepositFailure, PaymentFailure, RefundFailure } from '../domain/payment.ts'
import type { OrderToPay } from './decidedOrders.ts'
import type { Refund } from './decidedRefunds.ts'
import type { PaidTopUp, Reversal } from './decidedTopUps.ts'
import type { WalletEvent } from './events.ts'

type Of<T extends WalletEvent['type']> = Extract<WalletEvent, { type: T }>

/** A wallet's events in one word, for tests. */
export const opened = (currency = 'EUR'): Of<'WalletOpened'> => ({
  type: 'WalletOpened',
  data: { ownerId: ann, currency, idempotencyKey: 'open', fingerprint: `open ${currency}` },
})

export const deposited = (
  amount: number,
  balance: number,
  idempotencyKey = `key ${amount}`,
): Of<'FundsDeposited'> => ({
  type: 'FundsDeposited',
  data: { ownerId: ann, amount, balance, idempotencyKey, fingerprint: `deposit ${amount}` },
})

export const debited = (amount: number, balance: number, order = toPay(1, amount)): Of<'FundsDebited'> => ({
  type: 'FundsDebited',
  data: { ownerId: ann, amount, balance, orderId: order.orderId, placedAt: order.placedAt },
})

export const debitRefused = (failure: PaymentFailure, order = toPay(1)): Of<'DebitRefused'> => ({
  type: 'DebitRefused',
  data: { ownerId: ann, failure, orderId: order.orderId, placedAt: order.placedAt },
})

/** The n-th order, placed n milliseconds after noon, to be paid within ten minutes. */
export const toPay = (n: number, amount = 100, currency = 'EUR'): OrderToPay => ({
  orderId: orderId(n),
  customerId: ann,
  price: { ...eur(amount), currency },
  placedAt: new Date(noon.getTime() + n).toISOString(),
  payBy: minutesAfterNoon(10).toISOString(),
})

/** The n-th refund, of the n-th order, asked for n seconds after noon. */
export const toRefund = (n: number, amount = 100, currency = 'EUR'): Refund => ({
  refundId: RefundId.parse(`e0000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
  orderId: orderId(n),
  customerId: ann,
  amount: { ...eur(amount), currency },
  requestedAt: new Date(noon.getTime() + n * 1_000).toISOString(),
})

const matterOf = ({ refundId, orderId, requestedAt }: Refund) => ({
  ownerId: ann,
  orderId,
  refundId,
  requestedAt,
})

export const refunded = (
  amount: number,
  balance: number,
  refund = toRefund(1, amount),
): Of<'FundsRefunded'> => ({
  type: 'FundsRefunded',
  data: { ...matterOf(refund), amount, balance },
})

export const refundRefused = (failure: RefundFailure, refund = toRefund(1)): Of<'RefundRefused'> => ({
  type: 'RefundRefused',
  data: { ...matterOf(refund), failure },
})

/** The n-th of as many top-ups as a test needs. */
export const topUpId = (n: number): TopUpId =>
  TopUpId.parse(`f0000000-0000-4000-8000-${String(n).padStart(12, '0')}`)

/** The n-th top-up, paid by card n seconds after noon. */
export const paidTopUp = (n: number, amount = 100, currency = 'EUR'): PaidTopUp => ({
  topUpId: topUpId(n),
  ownerId: ann,
  amount: { ...eur(amount), currency },
  paidAt: new Date(noon.getTime() + n * 1_000).toISOString(),
  idempotencyKey: `top-up ${n}`,
  fingerprint: `top-up ${amount} ${currency}`,
})

export const toppedUp = (
  amount: number,
  balance: number,
  { topUpId, paidAt, idempotencyKey, fingerprint } = paidTopUp(1, amount),
): Of<'FundsDeposited'> => ({
  type: 'FundsDeposited',
  data: { ownerId: ann, amount, balance, idempotencyKey, fingerprint, topUp: { topUpId, paidAt } },
})

export const depositRefused = (failure: DepositFailure, topUp = paidTopUp(1)): Of<'DepositRefused'> => ({
  type: 'DepositRefused',
  data: { ownerId: ann, failure, topUpId: topUp.topUpId, paidAt: topUp.paidAt },
})

/** The n-th reversal, of the n-th top-up, n seconds after noon. */
export const toReverse = (n: number, amount = 100, currency = 'EUR'): Reversal => ({
  reversalId: ReversalId.parse(`fe000000-0000-4000-8000-${String(n).padStart(12, '0')}`),
  topUpId: topUpId(n),
  ownerId: ann,
  amount: { ...eur(amount), currency },
  reversedAt: new Date(noon.getTime() + n * 1_000).toISOString(),
})

export const reversed = (
  amount: number,
  balance: number,
  { reversalId, topUpId, reversedAt } = toReverse(1, amount),
): Of<'DepositReversed'> => ({
  type: 'DepositReversed',
  data: { ownerId: ann, amount, balance, topUpId, reversalId, reversedAt },
})

export const reversalRefused = (shortBy: number, reversal = toReverse(1)): Of<'ReversalRefused'> => {
  const { reversalId, topUpId, reversedAt } = reversal
  return {
    type: 'ReversalRefused',
    data: { ownerId: ann, shortBy: eur(shortBy), topUpId, reversalId, reversedAt },
  }
}
