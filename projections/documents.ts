import { z } from 'zod'
import { OrderId, UserId } from '../domain/ids.ts'
import { Balance, CurrencyCode, Money } from '../domain/money.ts'
import { OrderFailure, PaymentFailure, PaymentMethod } from '../domain/payment.ts'

const At = z.iso.datetime()

/** What every document knows of the log. */
const Seen = {
  /** The revision of each stream (by its category) that is folded into the document. */
  seen: z.record(z.string(), z.int()),
  /** Commit position of the newest event that is folded into it. */
  position: z.int(),
}

/** Statuses of an order that customers see so far. */
export const OrderStatus = z.enum(['AWAITING_PAYMENT', 'PAID', 'FAILED', 'CANCELLED'])
export type OrderStatus = z.infer<typeof OrderStatus>

/** Collection `orders`, `_id`: the order's id. */
export const OrderDocument = z.object({
  _id: OrderId,
  customerId: UserId,
  status: OrderStatus,
  price: Money,
  description: z.string(),
  paymentMethod: PaymentMethod,
  failure: OrderFailure.optional(),
  placedAt: At,
  payBy: At,
  /** Revision of the newest status. */
  revision: z.int(),
  /** Every status in order, with the revision, the time and the log position of its event. */
  history: z.array(z.object({ status: OrderStatus, revision: z.int(), at: At, position: z.int() })),
  /** Position of the placing: what lists are sorted by. */
  placedPosition: z.int(),
  ...Seen,
})
export type OrderDocument = z.infer<typeof OrderDocument>

/** Collection `wallets`, `_id`: the owner's id. */
export const WalletDocument = z.object({
  _id: UserId,
  balance: z.object({ amount: Balance, currency: CurrencyCode }),
  openedAt: At,
  revision: z.int(),
  ...Seen,
})
export type WalletDocument = z.infer<typeof WalletDocument>

/** Collection `ledger`, `_id`: `<owner id>:<revision>`. Amounts are minor units of the wallet's currency. */
export const LedgerDocument = z.object({
  _id: z.string(),
  ownerId: UserId,
  /** Revision of the wallet's event. */
  revision: z.int(),
  kind: z.enum(['DEPOSIT', 'DEBIT', 'REFUND']),
  amount: z.int(),
  balance: Balance,
  orderId: OrderId.optional(),
  at: At,
  ...Seen,
})
export type LedgerDocument = z.infer<typeof LedgerDocument>

export const PaymentStatus = z.enum(['PENDING', 'SUCCEEDED', 'FAILED'])
export type PaymentStatus = z.infer<typeof PaymentStatus>

/** Collection `payments`, `_id`: the order's id. */
export const PaymentDocument = z.object({
  _id: OrderId,
  customerId: UserId,
  status: PaymentStatus,
  method: PaymentMethod,
  price: Money,
  failure: PaymentFailure.optional(),
  history: z.array(z.object({ status: PaymentStatus, cause: z.string(), at: At })),
  ...Seen,
})
export type PaymentDocument = z.infer<typeof PaymentDocument>
