import type { Recorded } from '../eventstore/codec.ts'
import { impossible } from '../eventstore/decision.ts'
import { topUpEvents } from '../payments/topUp/events.ts'
import type { TopUpEvent } from '../payments/topUp/events.ts'
import { TopUpView } from './documents.ts'
import type { TopUpStatus } from './documents.ts'
import { projection } from './projection.ts'

/** Every top-up by card, and how it came to where it stands. */
export const topUps = projection({
  name: 'topUps',
  version: 1,
  events: topUpEvents,
  view: TopUpView,
  // Only those that may still be paid: nearly all have come to their end.
  indexes: [{ key: { dueAt: 1 }, partialFilterExpression: { dueAt: { $exists: true } } }],
  id: ({ data }) => data.topUpId,
  begins: ({ type }) => type === 'TopUpRequested',
  apply: (topUp, event): TopUpView => {
    const { at } = event.metadata
    if (event.type === 'TopUpRequested') {
      const { topUpId: _id, ownerId, amount, requestedAt, payBy } = event.data
      const status = 'PENDING'
      return { _id, ownerId, amount, status, requestedAt, payBy, dueAt: payBy, history: [{ status, at }] }
    }
    if (!topUp) return impossible(`${event.type} before the top-up was requested`)
    const status = statusAfter(event)
    if (!status) return { ...topUp, ...detailsIn(event, topUp) }
    const { dueAt: _, ...before } = topUp
    return { ...before, ...detailsIn(event, topUp), status, history: [...topUp.history, { status, at }] }
  },
})

type Later = Recorded<Exclude<TopUpEvent, { type: 'TopUpRequested' }>>

/** Undefined if it stays as it is. */
const statusAfter = ({ type }: Later): TopUpStatus | undefined => {
  switch (type) {
    case 'TopUpRefused':
      return 'REFUSED'
    case 'TopUpSucceeded':
      return 'PAID'
    case 'TopUpDeposited':
      return 'DEPOSITED'
    case 'TopUpReturned':
      return 'RETURNED'
    case 'TopUpReturnFailed':
      return 'RETURN_FAILED'
    case 'TopUpCancelled':
      return 'CANCELLED'
    case 'TopUpIntentCreated':
    case 'TopUpDeclined':
    case 'TopUpRefunded':
    case 'TopUpReversed':
    case 'TopUpReversalFailed':
      return undefined
    default:
      return type satisfies never
  }
}

type Details = Pick<TopUpView, 'declineCode' | 'failure' | 'refunded' | 'uncovered'>

const detailsIn = ({ type, data }: Later, { amount, refunded, uncovered }: TopUpView): Details => {
  const plus = (sum: TopUpView['refunded'], more: number) => ({
    ...amount,
    amount: (sum?.amount ?? 0) + more,
  })
  switch (type) {
    case 'TopUpDeclined':
      return { declineCode: data.declineCode }
    case 'TopUpReturned':
    case 'TopUpReturnFailed':
      return { failure: data.failure }
    case 'TopUpRefunded':
      return { refunded: plus(refunded, data.amount.amount) }
    case 'TopUpReversalFailed':
      return { uncovered: plus(uncovered, data.amount.amount) }
    default:
      return {}
  }
}
