import { cardOf } from './cards.ts'
import { invalidRequest } from './fault.ts'
import { newId } from './ids.ts'
import type { Charge, EventType, PaymentMethod, Refund } from './records.ts'

/** What a request makes of a refund and its charge. Events are of the one or the other, as their names say. */
export interface RefundChange {
  readonly refund: Refund
  readonly charge: Charge
  readonly events: readonly EventType[]
}

export interface RefundWishes {
  /** The rest, if it isn't said. */
  readonly amount?: number | undefined
  readonly reason: string | null
  readonly metadata: Refund['metadata']
}

export const refund = (
  charge: Charge,
  method: PaymentMethod,
  { amount, reason, metadata }: RefundWishes,
  at: number,
): RefundChange => {
  if (charge.status !== 'succeeded')
    throw invalidRequest(`Charge ${charge.id} did not succeed, so there is nothing to refund.`, {
      code: 'charge_not_refundable',
      param: 'charge',
    })
  const left = charge.amount - charge.amount_refunded
  if (left === 0)
    throw invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    })
  const given = amount ?? left
  if (given < 1)
    throw invalidRequest('This value must be greater than or equal to 1.', {
      code: 'parameter_invalid_integer',
      param: 'amount',
    })
  if (given > left)
    throw invalidRequest(
      `Refund amount (${given}) is greater than the unrefunded amount on the charge (${left}).`,
      { param: 'amount' },
    )
  return {
    refund: {
      id: newId('re'),
      object: 'refund',
      created: at,
      metadata,
      status: cardOf(method.card).refunds === 'pending' ? 'pending' : 'succeeded',
      amount: given,
      currency: charge.currency,
      charge: charge.id,
      payment_intent: charge.payment_intent,
      reason,
      failure_reason: null,
    },
    charge: { ...charge, amount_refunded: charge.amount_refunded + given },
    events: ['refund.created', 'charge.refunded'],
  }
}

export const update = (refund: Refund, charge: Charge, metadata: Refund['metadata']): RefundChange => ({
  refund: { ...refund, metadata },
  charge,
  events: ['refund.updated'],
})

/** What was on its way arrives, or is sent back by the bank: then the money is the shop's again. */
export const settle = (refund: Refund, charge: Charge, outcome: 'succeeded' | 'failed'): RefundChange => {
  if (refund.status === 'failed' || (outcome === 'succeeded' && refund.status !== 'pending'))
    throw invalidRequest(`Refund ${refund.id} has a status of ${refund.status}.`)
  if (outcome === 'succeeded')
    return { refund: { ...refund, status: 'succeeded' }, charge, events: ['refund.updated'] }
  return {
    refund: { ...refund, status: 'failed', failure_reason: 'expired_or_canceled_card' },
    charge: { ...charge, amount_refunded: charge.amount_refunded - refund.amount },
    events: ['refund.updated', 'refund.failed'],
  }
}
