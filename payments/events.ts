import { z } from 'zod'
import { OrderId, RefundId, ReversalId, TopUpId, UserId } from '../domain/ids.ts'
import { Amount, Balance, CurrencyCode, Money } from '../domain/money.ts'
import {
  DepositFailure,
  PaymentFailure,
  PaymentMethod,
  ProcessorCode,
  RefundFailure,
} from '../domain/payment.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { requestKeys } from '../eventstore/requests.ts'

/** The order that a wallet decided about, and when that was placed: by that time decisions are remembered. */
const ForOrder = { orderId: OrderId, placedAt: z.iso.datetime() }

/** Money of an order that is to be given back, and when that was asked for. */
const Refund = { orderId: OrderId, refundId: RefundId, requestedAt: z.iso.datetime() }

/** Money that was paid by card for the wallet, and when that was. */
const TopUp = { topUpId: TopUpId, paidAt: z.iso.datetime() }

/** Money of a top-up that went back to the card although it was in the wallet, and when. */
const Reversal = { topUpId: TopUpId, reversalId: ReversalId, reversedAt: z.iso.datetime() }

/** Events of `wallet-<user id>`. Amounts are minor units of the wallet's currency; `balance` is after it. */
export const walletEvents = {
  WalletOpened: event(z.object({ ownerId: UserId, currency: CurrencyCode, ...requestKeys })),
  FundsDeposited: event(
    z.object({
      ownerId: UserId,
      amount: Amount,
      balance: Balance,
      ...requestKeys,
      /** It was paid by card. */
      topUp: z.object(TopUp).optional(),
    }),
  ),
  /** Money that was paid by card could not go into the wallet. */
  DepositRefused: event(z.object({ ownerId: UserId, failure: DepositFailure, ...TopUp })),
  FundsDebited: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...ForOrder })),
  DebitRefused: event(z.object({ ownerId: UserId, failure: PaymentFailure, ...ForOrder })),
  FundsRefunded: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...Refund })),
  RefundRefused: event(z.object({ ownerId: UserId, failure: RefundFailure, ...Refund })),
  /** It is out of the wallet, as it is back on the card. */
  DepositReversed: event(z.object({ ownerId: UserId, amount: Amount, balance: Balance, ...Reversal })),
  /** It is back on the card, and spent all the same. */
  ReversalRefused: event(z.object({ ownerId: UserId, shortBy: Money, ...Reversal })),
}
export type WalletEvent = EventOf<typeof walletEvents>

const { FundsDeposited, FundsDebited, FundsRefunded, DepositReversed } = walletEvents

/** What moves money into a wallet or out of it. */
export const walletMovements = { FundsDeposited, FundsDebited, FundsRefunded, DepositReversed }

const Payment = {
  orderId: OrderId,
  customerId: UserId,
  method: PaymentMethod,
  price: Money,
  /** The order's revision that asked for this payment: 0 where it was due at once. */
  orderRevision: z.int().min(0),
}

/** The processor's name for a payment by card; what pays it (its "client secret") is never written down. */
const IntentId = z.string().min(1).max(255)

/** Why money is given back: an admin asked for it, the order could not take it any more, or somebody asked elsewhere. */
export const RefundCause = z.enum(['REQUESTED', 'DECLINED', 'ELSEWHERE'])
export type RefundCause = z.infer<typeof RefundCause>

const Returned = {
  orderId: OrderId,
  customerId: UserId,
  refundId: RefundId,
  /** Not said of the first refunds, all of which went to wallets. */
  method: PaymentMethod.default('WALLET'),
}

/** Events of `payment-<order id>`. */
export const paymentEvents = {
  /** The customer's browser may pay it by card. */
  CardPaymentStarted: event(z.object({ ...Payment, intentId: IntentId })),
  /** A card was declined; it, or another, may be tried again until the order's deadline. */
  CardDeclined: event(
    z.object({
      orderId: OrderId,
      customerId: UserId,
      intentId: IntentId,
      declineCode: ProcessorCode,
      declinedAt: z.iso.datetime(),
      /** By what the processor told it, to know that again. */
      eventId: z.string().min(1).max(255),
    }),
  ),
  PaymentSucceeded: event(z.object({ ...Payment, intentId: IntentId.optional() })),
  PaymentFailed: event(z.object({ ...Payment, failure: PaymentFailure })),
  /** The order has ended without it: no card can pay it any more. */
  PaymentCancelled: event(z.object({ orderId: OrderId, customerId: UserId, intentId: IntentId.optional() })),
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
