import { z } from 'zod'
import { Money } from './money.ts'
import { Quantity, Sku } from './product.ts'

/** By what an order is paid. */
export const PaymentMethod = z.enum(['WALLET', 'CARD'])
export type PaymentMethod = z.infer<typeof PaymentMethod>

const noWallet = z.object({ reason: z.literal('NO_WALLET') })
const currencyMismatch = z.object({ reason: z.literal('CURRENCY_MISMATCH') })
const insufficientFunds = z.object({ reason: z.literal('INSUFFICIENT_FUNDS'), shortBy: Money })
const outOfStock = z.object({
  reason: z.literal('OUT_OF_STOCK'),
  /** What could not be reserved, and how much there was of it. */
  missing: z.array(z.object({ sku: Sku, wanted: Quantity, available: z.int().min(0) })).min(1),
})
const expired = z.object({ reason: z.literal('EXPIRED') })

/** What the processor of cards calls something, such as `insufficient_funds`: its words, and never a person's. */
export const ProcessorCode = z.string().min(1).max(100)

const cardDeclined = z.object({ reason: z.literal('CARD_DECLINED'), declineCode: ProcessorCode })
/** Somebody cancelled it at the processor, so that it can't be paid by card any more. */
const cardPaymentCancelled = z.object({ reason: z.literal('CARD_PAYMENT_CANCELLED') })

/** Why an order failed: by how much where money was short, and what was missing where stock was. */
export const OrderFailure = z.discriminatedUnion('reason', [
  noWallet,
  currencyMismatch,
  insufficientFunds,
  outOfStock,
  cardDeclined,
  cardPaymentCancelled,
])
export type OrderFailure = z.infer<typeof OrderFailure>

/** Why a payment did not come about. */
export const PaymentFailure = z.discriminatedUnion('reason', [
  noWallet,
  currencyMismatch,
  insufficientFunds,
  expired,
  cardDeclined,
  cardPaymentCancelled,
])
export type PaymentFailure = z.infer<typeof PaymentFailure>

/** Why money could not be given back: to the wallet, which is gone or would hold too much, or to the card. */
export const RefundFailure = z.discriminatedUnion('reason', [
  noWallet,
  z.object({ reason: z.literal('AMOUNT_OUT_OF_RANGE') }),
  z.object({ reason: z.literal('CARD_REFUND_REFUSED'), code: ProcessorCode }),
])
export type RefundFailure = z.infer<typeof RefundFailure>

/** Why money that was paid by card could not go into a wallet. */
export const DepositFailure = z.discriminatedUnion('reason', [
  noWallet,
  currencyMismatch,
  z.object({ reason: z.literal('AMOUNT_OUT_OF_RANGE') }),
])
export type DepositFailure = z.infer<typeof DepositFailure>
