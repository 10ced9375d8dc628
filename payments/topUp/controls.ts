import { ann, eur, minutesAfterNoon, noon } from '../../domain/controls.ts'
import type { Money } from '../../domain/money.ts'
import type { DepositFailure } from '../../domain/payment.ts'
import { topUpId } from '../controls.ts'
import type { TopUpEvent } from './events.ts'
import type { Request } from './paying.ts'

type Of<T extends TopUpEvent['type']> = Extract<TopUpEvent, { type: T }>

/** A top-up's events in one word, for tests: Ann's, of 1.00 EUR, to be paid within a day of noon. */
const whose = { topUpId: topUpId(1), ownerId: ann }
export const INTENT = 'pi_1'

export const asked = (amount: Money = eur(100)): Request => ({
  ...whose,
  amount,
  idempotencyKey: 'top-up 1',
  requestedAt: noon.toISOString(),
  payBy: minutesAfterNoon(24 * 60).toISOString(),
})

export const requested = (): Of<'TopUpRequested'> => ({ type: 'TopUpRequested', data: asked() })
export const refused = (reason: 'CURRENCY' | 'AMOUNT'): Of<'TopUpRefused'> => ({
  type: 'TopUpRefused',
  data: { ...whose, reason },
})
export const begun = (intentId = INTENT): Of<'TopUpIntentCreated'> => ({
  type: 'TopUpIntentCreated',
  data: { ...whose, intentId },
})
/** The n-th time that a card was. */
export const declined = (n = 1): Of<'TopUpDeclined'> => ({
  type: 'TopUpDeclined',
  data: { ...whose, intentId: INTENT, declineCode: 'insufficient_funds', eventId: `evt_${n}` },
})
export const succeeded = (): Of<'TopUpSucceeded'> => ({
  type: 'TopUpSucceeded',
  data: { ...whose, intentId: INTENT, amount: eur(100), idempotencyKey: 'top-up 1' },
})
export const depositedTopUp = (): Of<'TopUpDeposited'> => ({
  type: 'TopUpDeposited',
  data: { ...whose, amount: eur(100) },
})
const full: DepositFailure = { reason: 'AMOUNT_OUT_OF_RANGE' }
export const returned = (refundId = 're_1'): Of<'TopUpReturned'> => ({
  type: 'TopUpReturned',
  data: { ...whose, amount: eur(100), refundId, failure: full },
})
export const returnFailed = (code: string): Of<'TopUpReturnFailed'> => ({
  type: 'TopUpReturnFailed',
  data: { ...whose, amount: eur(100), failure: full, code },
})
/** The n-th refund that somebody made at the processor. */
export const refundedAtProcessor = (n: number, amount: number): Of<'TopUpRefunded'> => ({
  type: 'TopUpRefunded',
  data: { ...whose, refundId: `re_${n}`, amount: eur(amount) },
})
export const takenOut = (n: number, amount: number): Of<'TopUpReversed'> => ({
  type: 'TopUpReversed',
  data: { ...whose, refundId: `re_${n}`, amount: eur(amount) },
})
export const uncovered = (n: number, amount: number, shortBy: number): Of<'TopUpReversalFailed'> => ({
  type: 'TopUpReversalFailed',
  data: { ...whose, refundId: `re_${n}`, amount: eur(amount), shortBy: eur(shortBy) },
})
export const cancelled = (by: 'DEADLINE' | 'PROCESSOR'): Of<'TopUpCancelled'> => ({
  type: 'TopUpCancelled',
  data: { ...whose, by },
})
