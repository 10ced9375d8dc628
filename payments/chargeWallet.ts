import type { PaymentFailure } from '../domain/payment.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { decidedOrders } from './decidedOrders.ts'
import type { OrderToPay } from './decidedOrders.ts'
import { debit } from './wallet.ts'
import { walletVerdicts } from './walletVerdicts.ts'
import type { WalletVerdictOptions } from './walletVerdicts.ts'

export interface ChargeOptions extends WalletVerdictOptions {
  readonly now: () => Date
}

/** Why the wallet refused an order; undefined if the order was debited. */
export type Verdict = PaymentFailure | undefined

/** Charges an order to its customer's wallet, once, however often it is asked: the first verdict stands. */
export const chargeWallet = ({ now, ...options }: ChargeOptions) => {
  const ask = walletVerdicts(options)
  return (order: OrderToPay, cause: Cause): Promise<Verdict> =>
    ask<PaymentFailure>(
      {
        ownerId: order.customerId,
        at: order.placedAt,
        decide: (searched) => debit(order, now(), searched),
        known: (wallet, searched) => decidedOrders.on(wallet.orders, order, searched),
        verdictIn: ({ type, data }) => {
          if (!('placedAt' in data) || data.orderId !== order.orderId) return undefined
          return { failure: type === 'DebitRefused' ? data.failure : undefined }
        },
      },
      cause,
    )
}
