import { z } from 'zod'
import { TopUpId, UserId } from '../../domain/ids.ts'
import { Money } from '../../domain/money.ts'
import { DepositFailure, ProcessorCode } from '../../domain/payment.ts'
import { event } from '../../eventstore/catalogue.ts'
import type { EventOf } from '../../eventstore/catalogue.ts'
import { IdempotencyKey } from '../../eventstore/idempotency.ts'

const TopUp = { topUpId: TopUpId, ownerId: UserId }

/** The processor's own ids: of a payment ("payment intent"), of a refund, of an event. */
const ProcessorId = z.string().min(1).max(255)

/** Money on its way back to the card. */
const Returning = { amount: Money, refundId: ProcessorId }

/** Why the processor does not take a payment at all. */
export const NotTaken = z.enum(['CURRENCY', 'AMOUNT'])
export type NotTaken = z.infer<typeof NotTaken>

/** Events of `topup-<id>`: money that somebody pays into their wallet by card. */
export const topUpEvents = {
  TopUpRequested: event(
    z.object({
      ...TopUp,
      amount: Money,
      idempotencyKey: IdempotencyKey,
      requestedAt: z.iso.datetime(),
      /** What is not paid by then is cancelled. */
      payBy: z.iso.datetime(),
    }),
  ),
  /** The processor does not take such a payment: nothing can come of it. */
  TopUpRefused: event(z.object({ ...TopUp, reason: NotTaken })),
  /** The customer's browser may pay it now. */
  TopUpIntentCreated: event(z.object({ ...TopUp, intentId: ProcessorId })),
  /** A card was declined; another one, or the same later, may do. */
  TopUpDeclined: event(
    z.object({ ...TopUp, intentId: ProcessorId, declineCode: ProcessorCode, eventId: ProcessorId }),
  ),
  /** The money has come; it goes into the wallet now. */
  TopUpSucceeded: event(
    z.object({ ...TopUp, intentId: ProcessorId, amount: Money, idempotencyKey: IdempotencyKey }),
  ),
  TopUpDeposited: event(z.object({ ...TopUp, amount: Money })),
  /** The wallet could not take the money, so it goes back to the card. */
  TopUpReturned: event(z.object({ ...TopUp, ...Returning, failure: DepositFailure })),
  /** The wallet could not take the money, and the processor does not give it back: somebody has to. */
  TopUpReturnFailed: event(
    z.object({ ...TopUp, amount: Money, failure: DepositFailure, code: ProcessorCode }),
  ),
  /** Somebody gave it back at the processor, or a part of it, although it was in the wallet. */
  TopUpRefunded: event(z.object({ ...TopUp, ...Returning })),
  /** That much left the wallet, too. */
  TopUpReversed: event(z.object({ ...TopUp, ...Returning })),
  /** The wallet did not hold so much any more: the shop is short of it, and somebody has to look into it. */
  TopUpReversalFailed: event(z.object({ ...TopUp, ...Returning, shortBy: Money })),
  /** Nobody paid it: it was let go of when its time was over, or by somebody at the processor. */
  TopUpCancelled: event(z.object({ ...TopUp, by: z.enum(['DEADLINE', 'PROCESSOR']) })),
}
export type TopUpEvent = EventOf<typeof topUpEvents>
