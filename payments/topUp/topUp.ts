import type { TopUpId, UserId } from '../../domain/ids.ts'
import type { Money } from '../../domain/money.ts'
import type { DepositFailure } from '../../domain/payment.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { impossible } from '../../eventstore/decision.ts'
import type { Aggregate } from '../../eventstore/stream.ts'
import { topUpEvents } from './events.ts'
import type { NotTaken, TopUpEvent } from './events.ts'

/** What was asked for. */
export interface Requested {
  readonly topUpId: TopUpId
  readonly ownerId: UserId
  readonly amount: Money
  readonly idempotencyKey: string
  readonly payBy: string
}

/** Nobody has paid it so far. */
interface Unpaid extends Requested {
  /** Undefined until the processor has one. */
  readonly intentId: string | undefined
  /** The processor's events that told of a declined card. */
  readonly declines: ReadonlySet<string>
}

/** The money has come. */
interface Paid extends Requested {
  readonly intentId: string
}

export type TopUp =
  | { readonly status: 'NONE' }
  | ({ readonly status: 'REFUSED'; readonly reason: NotTaken } & Requested)
  | ({ readonly status: 'PENDING' } & Unpaid)
  | ({ readonly status: 'CANCELLED' } & Unpaid)
  | ({ readonly status: 'PAID' } & Paid)
  | ({
      readonly status: 'DEPOSITED'
      /** Refunds that somebody made at the processor, and those of them that the wallet has answered for. */
      readonly refunds: ReadonlySet<string>
      readonly settled: ReadonlySet<string>
    } & Paid)
  | ({ readonly status: 'RETURNED'; readonly refundId: string; readonly failure: DepositFailure } & Paid)
  | ({ readonly status: 'RETURN_FAILED' } & Paid)

const evolve = (topUp: TopUp, { type, data }: TopUpEvent): TopUp => {
  if (type === 'TopUpRequested') {
    const { topUpId, ownerId, amount, idempotencyKey, payBy } = data
    const requested = { topUpId, ownerId, amount, idempotencyKey, payBy }
    return { ...requested, status: 'PENDING', intentId: undefined, declines: new Set() }
  }
  if (topUp.status === 'NONE') return impossible(`${type} before the top-up was requested`)
  const { topUpId, ownerId, amount, idempotencyKey, payBy } = topUp
  const requested = { topUpId, ownerId, amount, idempotencyKey, payBy }
  switch (type) {
    case 'TopUpRefused':
      return { ...requested, status: 'REFUSED', reason: data.reason }
    case 'TopUpIntentCreated':
      return { ...unpaid(topUp, type), intentId: data.intentId }
    case 'TopUpDeclined': {
      const before = unpaid(topUp, type)
      return { ...before, declines: new Set([...before.declines, data.eventId]) }
    }
    case 'TopUpCancelled':
      return { ...unpaid(topUp, type), status: 'CANCELLED' }
    case 'TopUpSucceeded':
      return { ...requested, status: 'PAID', intentId: data.intentId }
    case 'TopUpDeposited':
      return { ...paid(topUp, type), status: 'DEPOSITED', refunds: new Set(), settled: new Set() }
    case 'TopUpReturned':
      return { ...paid(topUp, type), status: 'RETURNED', refundId: data.refundId, failure: data.failure }
    case 'TopUpReturnFailed':
      return { ...paid(topUp, type), status: 'RETURN_FAILED' }
    case 'TopUpRefunded': {
      const before = deposited(topUp, type)
      return { ...before, refunds: new Set([...before.refunds, data.refundId]) }
    }
    case 'TopUpReversed':
    case 'TopUpReversalFailed': {
      const before = deposited(topUp, type)
      return { ...before, settled: new Set([...before.settled, data.refundId]) }
    }
    default:
      return type satisfies never
  }
}

type In<Status extends TopUp['status']> = Extract<TopUp, { readonly status: Status }>

const unpaid = (topUp: TopUp, type: string): In<'PENDING' | 'CANCELLED'> =>
  isUnpaid(topUp) ? topUp : impossible(`${type} of a top-up that is ${topUp.status}`)

const paid = (topUp: TopUp, type: string): Paid => {
  if (!isPaid(topUp)) return impossible(`${type} of a top-up that is ${topUp.status}`)
  const { topUpId, ownerId, amount, idempotencyKey, payBy, intentId } = topUp
  return { topUpId, ownerId, amount, idempotencyKey, payBy, intentId }
}

const deposited = (topUp: TopUp, type: string): In<'DEPOSITED'> =>
  topUp.status === 'DEPOSITED' ? topUp : impossible(`${type} of a top-up that is ${topUp.status}`)

export const isUnpaid = (topUp: TopUp): topUp is In<'PENDING' | 'CANCELLED'> =>
  topUp.status === 'PENDING' || topUp.status === 'CANCELLED'

export const isPaid = (topUp: TopUp): topUp is In<'PAID' | 'DEPOSITED' | 'RETURNED' | 'RETURN_FAILED'> =>
  topUp.status === 'PAID' ||
  topUp.status === 'DEPOSITED' ||
  topUp.status === 'RETURNED' ||
  topUp.status === 'RETURN_FAILED'

/** Streams `topup-<id>`: one for each wish to pay something into a wallet by card. */
export const topUp: Aggregate<TopUp, TopUpEvent> = {
  category: 'topup',
  codec: codecOf(topUpEvents),
  initial: { status: 'NONE' },
  evolve,
}

/** Whose top-up it is: part of every event. */
export const identity = ({ topUpId, ownerId }: Pick<Requested, 'topUpId' | 'ownerId'>) => ({
  topUpId,
  ownerId,
})
