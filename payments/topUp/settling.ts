import type { Money } from '../../domain/money.ts'
import type { DepositFailure } from '../../domain/payment.ts'
import { impossible, refuse } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import type { TopUpEvent } from './events.ts'
import { identity, isPaid } from './topUp.ts'
import type { TopUp } from './topUp.ts'

/** What becomes of the money once it has come: each of these is put on record once. */

/** The money is in the wallet. */
export const recordDeposit =
  () =>
  (topUp: TopUp): readonly TopUpEvent[] => {
    if (topUp.status === 'DEPOSITED') return []
    if (topUp.status !== 'PAID') return impossible(`a deposit of a top-up that is ${topUp.status}`)
    return [{ type: 'TopUpDeposited', data: { ...identity(topUp), amount: topUp.amount } }]
  }

/** The wallet could not take the money, and it is on its way back to the card. */
export const recordReturn =
  (failure: DepositFailure, refundId: string) =>
  (topUp: TopUp): readonly TopUpEvent[] => {
    if (topUp.status === 'RETURNED' || topUp.status === 'RETURN_FAILED') return []
    if (topUp.status !== 'PAID') return impossible(`a return of a top-up that is ${topUp.status}`)
    return [{ type: 'TopUpReturned', data: { ...identity(topUp), amount: topUp.amount, failure, refundId } }]
  }

/** The wallet could not take the money, and the processor does not give it back. */
export const recordFailedReturn =
  (failure: DepositFailure, code: string) =>
  (topUp: TopUp): readonly TopUpEvent[] => {
    if (topUp.status === 'RETURNED' || topUp.status === 'RETURN_FAILED') return []
    if (topUp.status !== 'PAID') return impossible(`a return of a top-up that is ${topUp.status}`)
    return [{ type: 'TopUpReturnFailed', data: { ...identity(topUp), amount: topUp.amount, failure, code } }]
  }

/** What was on its way back to the card has not arrived there. */
export const loseReturn =
  (refundId: string, code: string) =>
  (topUp: TopUp): readonly TopUpEvent[] => {
    if (topUp.status !== 'RETURNED' || topUp.refundId !== refundId) return []
    const { amount, failure } = topUp
    return [{ type: 'TopUpReturnFailed', data: { ...identity(topUp), amount, failure, code } }]
  }

/** A refund at the processor, whoever made it. */
export interface RefundAtProcessor {
  readonly id: string
  readonly amount: Money
}

/** It is not known yet what becomes of the money; the processor will have to tell again. */
export interface NotSettled {
  readonly code: 'NOT_SETTLED'
}

/** What was given back at the processor of money that is in the wallet: each refund once. */
export const recordRefunds =
  (refunds: readonly RefundAtProcessor[]) =>
  (topUp: TopUp): Decision<TopUpEvent, NotSettled> => {
    if (!isPaid(topUp)) return impossible(`a refund of a top-up that is ${topUp.status}`)
    if (topUp.status === 'PAID') return refuse({ code: 'NOT_SETTLED' })
    // A return is a refund at the processor, too: the money was never in the wallet.
    if (topUp.status !== 'DEPOSITED') return []
    return refunds
      .filter(({ id }) => !topUp.refunds.has(id))
      .map(({ id: refundId, amount }) => ({
        type: 'TopUpRefunded',
        data: { ...identity(topUp), refundId, amount },
      }))
  }

/** The wallet has given up what was refunded, or was short of it. */
export const recordReversal =
  (refundId: string, amount: Money, shortBy: Money | undefined) =>
  (topUp: TopUp): readonly TopUpEvent[] => {
    if (topUp.status !== 'DEPOSITED') return impossible(`a reversal of a top-up that is ${topUp.status}`)
    if (topUp.settled.has(refundId)) return []
    const data = { ...identity(topUp), refundId, amount }
    return shortBy
      ? [{ type: 'TopUpReversalFailed', data: { ...data, shortBy } }]
      : [{ type: 'TopUpReversed', data }]
  }
