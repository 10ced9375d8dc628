import type { RefundFailure } from '../domain/payment.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { decidedRefunds } from './decidedRefunds.ts'
import type { Refund } from './decidedRefunds.ts'
import { refund } from './wallet.ts'
import { walletVerdicts } from './walletVerdicts.ts'
import type { WalletVerdictOptions } from './walletVerdicts.ts'

/**
 * Gives money back to a customer's wallet, once, however often it is asked: the first verdict stands. Answers why
 * the wallet refused it; undefined if the money is back.
 */
export const refundWallet = (options: WalletVerdictOptions) => {
  const ask = walletVerdicts(options)
  return (asked: Refund, cause: Cause): Promise<RefundFailure | undefined> =>
    ask<RefundFailure>(
      {
        ownerId: asked.customerId,
        at: asked.requestedAt,
        decide: (searched) => refund(asked, searched),
        known: (wallet, searched) => decidedRefunds.on(wallet.refunds, asked, searched),
        verdictIn: ({ type, data }) => {
          if (!('refundId' in data) || data.refundId !== asked.refundId) return undefined
          return { failure: type === 'RefundRefused' ? data.failure : undefined }
        },
      },
      cause,
    )
}
