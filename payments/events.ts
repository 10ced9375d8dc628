import { z } from 'zod'
import { OrderId, UserId } from '../domain/ids.ts'
import { Amount, Balance, CurrencyCode, Money } from '../domain/money.ts'
import { PaymentFailure, PaymentMethod } from '../domain/payment.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'

/** What a wallet remembers of the request that caused an event, to know a repeated one again. */
const Request = { idempotencyKey: IdempotencyKey, fingerprint: z.string() }

/** The order that a wallet decided about, and when that was placed: by that time decisions are remembered. */
const ForOrder = { orderId: OrderId, placedAt: z.iso.datetime() }

/** Events of `wallet-<user id>`. Amounts are minor units of the wallet's currency; `balance` is after it. */
export const walletEvents = {
  WalletOpened: event(z.object({ ownerId: UserId, currency: CurrencyCode, ...Request })),
  FundsDeposited: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...Request })),
  FundsDebited: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...ForOrder })),
  DebitRefused: event(z.object({ ownerId: UserId, failure: PaymentFailure, ...ForOrder })),
}
export type WalletEvent = EventOf<typeof walletEvents>

const Payment = {
  orderId: OrderId,
  customerId: UserId,
  method: PaymentMethod,
  price: Money,
  /** The order's revision that asked for this payment. */
  orderRevision: z.int().min(0),
}

/** Events of `payment-<order id>`. */
export const paymentEvents = {
  PaymentSucceeded: event(z.object(Payment)),
  PaymentFailed: event(z.object({ ...Payment, failure: PaymentFailure })),
}
export type PaymentEvent = EventOf<typeof paymentEvents>
