import { ann, eur, minutesAfterNoon, noon, orderId } from '../domain/controls.ts'
import { RefundId } from '../domain/ids.ts'
import type { PaymentFailure, RefundFailure } from '../domain/payment.ts'
import type { OrderToPay } from './decidedOrders.ts'
import type { Refund } from './decidedRefunds.ts'
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
