import type { Money } from '../../domain/money.ts'
import { impossible, refuse } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import type { IdempotencyConflict } from '../../eventstore/requests.ts'
import type { NotTaken, TopUpEvent } from './events.ts'
import { identity, isPaid, isUnpaid } from './topUp.ts'
import type { TopUp } from './topUp.ts'

/** How a top-up comes to be paid, or not. Whatever is told twice, late or in another order counts once. */

export type Request = Extract<TopUpEvent, { type: 'TopUpRequested' }>['data']

/** Its id follows from person and key, so that a repeated request finds what it made. */
export const request =
  (data: Request) =>
  (topUp: TopUp): Decision<TopUpEvent, IdempotencyConflict> => {
    if (topUp.status === 'NONE') return [{ type: 'TopUpRequested', data }]
    return isSame(topUp.amount, data.amount) ? [] : refuse({ code: 'IDEMPOTENCY_CONFLICT' })
  }

const isSame = (a: Money, b: Money): boolean => a.amount === b.amount && a.currency === b.currency

/** The processor does not take it. */
export const giveUp =
  (reason: NotTaken) =>
  (topUp: TopUp): readonly TopUpEvent[] =>
    topUp.status === 'PENDING' && topUp.intentId === undefined
      ? [{ type: 'TopUpRefused', data: { ...identity(topUp), reason } }]
      : []

/** The processor has an intent for it. The first one counts; one for what is over may be let go. */
export const begin =
  (intentId: string) =>
  (topUp: TopUp): readonly TopUpEvent[] =>
    topUp.status === 'PENDING' && topUp.intentId === undefined
      ? [{ type: 'TopUpIntentCreated', data: { ...identity(topUp), intentId } }]
      : []

/** A card was declined: once for each time that it was, and only while the top-up waits for one. */
export const decline =
  (declined: { readonly intentId: string; readonly declineCode: string; readonly eventId: string }) =>
  (topUp: TopUp): readonly TopUpEvent[] =>
    topUp.status === 'PENDING' && !topUp.declines.has(declined.eventId)
      ? [{ type: 'TopUpDeclined', data: { ...identity(topUp), ...declined } }]
      : []

/**
 * The money has come. That is so, whatever was thought before: it is the customer's, also if it comes after nobody
 * expected it any more. It is as much as was asked for, and by the intent that was made for it, or it is a defect.
 */
export const succeed =
  (intentId: string, received: Money) =>
  (topUp: TopUp): readonly TopUpEvent[] => {
    if (isPaid(topUp))
      return topUp.intentId === intentId ? [] : impossible(`paid twice, by ${topUp.intentId} and ${intentId}`)
    if (!isUnpaid(topUp)) return impossible(`money for a top-up that is ${topUp.status}`)
    if ((topUp.intentId ?? intentId) !== intentId)
      return impossible(`paid by ${intentId}, and its intent is ${topUp.intentId}`)
    const { amount, idempotencyKey } = topUp
    if (!isSame(amount, received))
      return impossible(
        `${received.amount} ${received.currency} came, of ${amount.amount} ${amount.currency}`,
      )
    return [{ type: 'TopUpSucceeded', data: { ...identity(topUp), intentId, amount, idempotencyKey } }]
  }

/** Nobody can pay it any more. */
export const cancel =
  (by: 'DEADLINE' | 'PROCESSOR') =>
  (topUp: TopUp): readonly TopUpEvent[] =>
    topUp.status === 'PENDING' ? [{ type: 'TopUpCancelled', data: { ...identity(topUp), by } }] : []
