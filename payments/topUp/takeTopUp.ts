import { fits } from '../../domain/money.ts'
import type { Money } from '../../domain/money.ts'
import type { DepositFailure } from '../../domain/payment.ts'
import { impossible } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { decidingOnce } from '../../eventstore/verdicts.ts'
import type { Forgotten, Searched } from '../../eventstore/verdicts.ts'
import { decidedReversals, decidedTopUps } from '../decidedTopUps.ts'
import type { PaidTopUp, Reversal, Uncovered } from '../decidedTopUps.ts'
import type { WalletEvent } from '../events.ts'
import type { WalletVerdict } from '../verdictMemory.ts'
import type { Wallet } from '../wallet.ts'

/** Takes money that was paid by card, once. A refusal is an event too: the money goes back to the card then. */
export const takeTopUp =
  (topUp: PaidTopUp, searched?: Searched<WalletVerdict<DepositFailure>>) =>
  (wallet: Wallet): Decision<WalletEvent, Forgotten> =>
    decidingOnce(decidedTopUps.on(wallet.topUps, topUp, searched), (): readonly WalletEvent[] => {
      const { topUpId, paidAt, ownerId, idempotencyKey, fingerprint } = topUp
      const { amount } = topUp.amount
      const failure = whyNot(wallet, topUp.amount)
      if (failure) return [{ type: 'DepositRefused', data: { ownerId, failure, topUpId, paidAt } }]
      const balance = balanceOf(wallet) + amount
      const by = { idempotencyKey, fingerprint, topUp: { topUpId, paidAt } }
      return [{ type: 'FundsDeposited', data: { ownerId, amount, balance, ...by } }]
    })

/** Why a wallet can't take so much by card, as it is now; undefined if it can. */
export const whyNot = (wallet: Wallet, { amount, currency }: Money): DepositFailure | undefined => {
  if (wallet.status === 'UNOPENED') return { reason: 'NO_WALLET' }
  if (wallet.currency !== currency) return { reason: 'CURRENCY_MISMATCH' }
  return fits(wallet.balance, amount) ? undefined : { reason: 'AMOUNT_OUT_OF_RANGE' }
}

/**
 * Takes money out that went back to the card, once: all of it or, if the wallet does not hold so much any more,
 * nothing, as a balance is never negative. That it could not is an event, so that somebody looks into it.
 */
export const reverse =
  (reversal: Reversal, searched?: Searched<WalletVerdict<Uncovered>>) =>
  (wallet: Wallet): Decision<WalletEvent, Forgotten> =>
    decidingOnce(decidedReversals.on(wallet.reversals, reversal, searched), (): readonly WalletEvent[] => {
      const { topUpId, reversalId, reversedAt, ownerId } = reversal
      const { amount, currency } = reversal.amount
      const matter = { ownerId, topUpId, reversalId, reversedAt }
      if (wallet.status !== 'OPEN' || wallet.currency !== currency)
        return impossible('a reversal of what was never put into this wallet')
      const balance = wallet.balance - amount
      return balance < 0
        ? [{ type: 'ReversalRefused', data: { ...matter, shortBy: { amount: -balance, currency } } }]
        : [{ type: 'DepositReversed', data: { ...matter, amount, balance } }]
    })

const balanceOf = (wallet: Wallet): number =>
  wallet.status === 'OPEN' ? wallet.balance : impossible('a deposit without a wallet')
