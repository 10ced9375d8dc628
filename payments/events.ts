import { z } from 'zod'
import { OrderId, RefundId, UserId } from '../domain/ids.ts'
import { Amount, Balance, CurrencyCode, Money } from '../domain/money.ts'
import { PaymentFailure, PaymentMethod, RefundFailure } from '../domain/payment.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'

/** What a wallet remembers of the request that caused an event, to know a repeated one again. */
const Request = { idempotencyKey: IdempotencyKey, fingerprint: z.string() }

/** The order that a wallet decided about, and when that was placed: by that time decisions are remembered. */
const ForOrder = { orderId: OrderId, placedAt: z.iso.datetime() }

/** Money of an order that is to be given back, and when that was asked for. */
const Refund = { orderId: OrderId, refundId: RefundId, requestedAt: z.iso.datetime() }

/** Events of `wallet-<user id>`. Amounts are minor units of the wallet's currency; `balance` is after it. */
export const walletEvents = {
  WalletOpened: event(z.object({ ownerId: UserId, currency: CurrencyCode, ...Request })),
  FundsDeposited: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...Request })),
  FundsDebited: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...ForOrder })),
  DebitRefused: event(z.object({ ownerId: UserId, failure: PaymentFailure, ...ForOrder })),
  FundsRefunded: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...Refund })),
  RefundRefused: event(z.object({ ownerId: UserId, failure: RefundFailure, ...Refund })),
}
export type WalletEvent = EventOf<typeof walletEvents>

const Payment = {
  orderId: OrderId,
  customerId: UserId,
  method: PaymentMethod,
  price: Money,
  /** The order's revision that asked for this payment: 0 where it was due at once. */
  orderRevision: z.int().min(0),
}

/** Why money is given back: an admin asked for it, or the order could not take it any more. */
export const RefundCause = z.enum(['REQUESTED', 'DECLINED'])
export type RefundCause = z.infer<typeof RefundCause>

const Returned = { orderId: OrderId, customerId: UserId, refundId: RefundId }

/** Events of `payment-<order id>`. */
export const paymentEvents = {
  PaymentSucceeded: event(z.object(Payment)),
  PaymentFailed: event(z.object({ ...Payment, failure: PaymentFailure })),
  /** Part of it was given back, or all; `refunded` is all that was so far. */
  PaymentRefunded: event(
    z.object({ ...Returned, amount: Money, refunded: Money, isFull: z.boolean(), cause: RefundCause }),
  ),
  /** It could not be given back. */
  PaymentRefundFailed: event(
    z.object({ ...Returned, amount: Money, failure: RefundFailure, cause: RefundCause }),
  ),
}
export type PaymentEvent = EventOf<typeof paymentEvents>
