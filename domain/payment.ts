import { z } from 'zod'
import { Money } from './money.ts'

/** By what an order is paid. */
export const PaymentMethod = z.enum(['WALLET'])
export type PaymentMethod = z.infer<typeof PaymentMethod>

const noWallet = z.object({ reason: z.literal('NO_WALLET') })
const currencyMismatch = z.object({ reason: z.literal('CURRENCY_MISMATCH') })
const insufficientFunds = z.object({ reason: z.literal('INSUFFICIENT_FUNDS'), shortBy: Money })
const expired = z.object({ reason: z.literal('EXPIRED') })

/** Why an order failed, and by how much where money was short. */
export const OrderFailure = z.discriminatedUnion('reason', [noWallet, currencyMismatch, insufficientFunds])
export type OrderFailure = z.infer<typeof OrderFailure>

/** Why a payment did not come about: as an order's failure, or because its deadline had passed. */
export const PaymentFailure = z.discriminatedUnion('reason', [
  noWallet,
  currencyMismatch,
  insufficientFunds,
  expired,
])
export type PaymentFailure = z.infer<typeof PaymentFailure>
