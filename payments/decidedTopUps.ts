import type { ReversalId, TopUpId, UserId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import type { DepositFailure } from '../domain/payment.ts'
import { verdictMemory } from './verdictMemory.ts'

/** Money that was paid by card, to be put into a wallet. */
export interface PaidTopUp {
  readonly topUpId: TopUpId
  readonly ownerId: UserId
  readonly amount: Money
  readonly paidAt: string
  /** Of the person's request. */
  readonly idempotencyKey: string
  readonly fingerprint: string
}

/** Money of a top-up that went back to the card although it had been put into the wallet. */
export interface Reversal {
  readonly reversalId: ReversalId
  readonly topUpId: TopUpId
  readonly ownerId: UserId
  readonly amount: Money
  readonly reversedAt: string
}

/** What the wallet does not hold of a reversal. */
export interface Uncovered {
  readonly shortBy: Money
}

/** The top-ups that a wallet has taken or refused: at least so many are known again. */
export const decidedTopUps = verdictMemory<Pick<PaidTopUp, 'topUpId' | 'paidAt'>, DepositFailure>(
  1_000,
  ({ topUpId, paidAt }) => ({ id: topUpId, at: paidAt }),
)

/** The reversals that a wallet has paid, or could not. */
export const decidedReversals = verdictMemory<Pick<Reversal, 'reversalId' | 'reversedAt'>, Uncovered>(
  1_000,
  ({ reversalId, reversedAt }) => ({ id: reversalId, at: reversedAt }),
)
