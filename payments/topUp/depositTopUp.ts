import type { DepositFailure } from '../../domain/payment.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { decidedReversals, decidedTopUps } from '../decidedTopUps.ts'
import type { PaidTopUp, Reversal, Uncovered } from '../decidedTopUps.ts'
import { reverse, takeTopUp } from './takeTopUp.ts'
import { walletVerdicts } from '../walletVerdicts.ts'
import type { WalletVerdictOptions } from '../walletVerdicts.ts'

/**
 * Puts money that was paid by card into a wallet, once, however often it is asked: the first verdict stands. Answers
 * why the wallet refused it; undefined if the money is in it.
 */
export const depositTopUp = (options: WalletVerdictOptions) => {
  const ask = walletVerdicts(options)
  return (topUp: PaidTopUp, cause: Cause): Promise<DepositFailure | undefined> =>
    ask<DepositFailure>(
      {
        ownerId: topUp.ownerId,
        at: topUp.paidAt,
        decide: (searched) => takeTopUp(topUp, searched),
        known: (wallet, searched) => decidedTopUps.on(wallet.topUps, topUp, searched),
        verdictIn: ({ type, data }) => {
          if (type === 'FundsDeposited')
            return data.topUp?.topUpId === topUp.topUpId ? { failure: undefined } : undefined
          if (type === 'DepositRefused' && data.topUpId === topUp.topUpId) return { failure: data.failure }
          return undefined
        },
      },
      cause,
    )
}

/**
 * Takes money out of a wallet that went back to the card, once, however often it is asked. Answers by how much the
 * wallet was short; undefined if the money is out.
 */
export const reverseTopUp = (options: WalletVerdictOptions) => {
  const ask = walletVerdicts(options)
  return (reversal: Reversal, cause: Cause): Promise<Uncovered | undefined> =>
    ask<Uncovered>(
      {
        ownerId: reversal.ownerId,
        at: reversal.reversedAt,
        decide: (searched) => reverse(reversal, searched),
        known: (wallet, searched) => decidedReversals.on(wallet.reversals, reversal, searched),
        verdictIn: ({ type, data }) => {
          if (!('reversalId' in data) || data.reversalId !== reversal.reversalId) return undefined
          return { failure: type === 'ReversalRefused' ? { shortBy: data.shortBy } : undefined }
        },
      },
      cause,
    )
}
