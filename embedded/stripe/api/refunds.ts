import { z } from 'zod'
import { invalidRequest, noSuch } from '../books/fault.ts'
import type { Charge, PaymentMethod, Refund } from '../books/records.ts'
import * as refunds from '../books/refunds.ts'
import type { RefundChange } from '../books/refunds.ts'
import { endpoint, listOf } from './endpoint.ts'
import type { Call, Endpoint } from './endpoint.ts'
import { expand, integer, merged, metadata, paging, text } from './parameters.ts'
import { showRefund } from './render.ts'

const of = { charge: text(100).optional(), payment_intent: text(100).optional() }

/** What is to be refunded: a charge, named by itself or by its intent. */
const chargeOf = ({ ledger, params }: Call<{ [K in keyof typeof of]?: string | undefined }>): Charge => {
  if (params.charge !== undefined && params.payment_intent !== undefined)
    throw invalidRequest('You may only specify one of charge and payment_intent.', {
      code: 'parameters_exclusive',
      param: 'charge',
    })
  if (params.charge !== undefined) {
    const charge = ledger.get('charge', params.charge)
    if (!charge) throw noSuch('charge', params.charge, 'charge')
    return charge
  }
  if (params.payment_intent === undefined)
    throw invalidRequest('One of the following params should be provided: payment_intent or charge.', {
      code: 'parameter_missing',
    })
  const intent = ledger.get('payment_intent', params.payment_intent)
  if (!intent) throw noSuch('payment_intent', params.payment_intent, 'payment_intent')
  const charge = intent.latest_charge === null ? undefined : ledger.get('charge', intent.latest_charge)
  if (charge?.status !== 'succeeded')
    throw invalidRequest(`This PaymentIntent (${intent.id}) does not have a successful charge to refund.`, {
      param: 'payment_intent',
    })
  return charge
}

const kept = <T>(record: T | undefined, id: string): T => {
  if (record === undefined) throw new Error(`${id} is missing from the books`)
  return record
}

const methodOf = ({ ledger }: Call, { payment_method }: Charge): PaymentMethod =>
  kept(ledger.get('payment_method', payment_method), payment_method)

/** A refund and its charge. */
export const refundOf = ({ ledger, id }: Call): { readonly refund: Refund; readonly charge: Charge } => {
  const refund = ledger.get('refund', id)
  if (!refund) throw noSuch('refund', id)
  return { refund, charge: kept(ledger.get('charge', refund.charge), refund.charge) }
}

export const record = (call: Call, { refund, charge, events }: RefundChange): Refund => {
  call.ledger.put(refund, [`refund:${refund.charge}`, `refund:${refund.payment_intent}`])
  call.ledger.put(charge)
  for (const type of events) call.announce(type, type.startsWith('charge.') ? charge : refund)
  return refund
}

export const refundEndpoints: readonly Endpoint[] = [
  endpoint(
    'POST',
    '/v1/refunds',
    z.strictObject({
      ...of,
      ...expand,
      amount: integer.optional(),
      metadata: metadata.optional(),
      reason: z.enum(['duplicate', 'fraudulent', 'requested_by_customer']).optional(),
    }),
    (call) => {
      const charge = chargeOf(call)
      const { amount, metadata, reason = null } = call.params
      const wishes = { amount, reason, metadata: merged({}, metadata) }
      return showRefund(record(call, refunds.refund(charge, methodOf(call, charge), wishes, call.at)))
    },
  ),
  endpoint('GET', '/v1/refunds/:id', z.strictObject(expand), (call) => showRefund(refundOf(call).refund)),
  endpoint(
    'POST',
    '/v1/refunds/:id',
    z.strictObject({ ...expand, metadata: metadata.optional() }),
    (call) => {
      const { refund, charge } = refundOf(call)
      return showRefund(
        record(call, refunds.update(refund, charge, merged(refund.metadata, call.params.metadata))),
      )
    },
  ),
  endpoint('GET', '/v1/refunds', z.strictObject({ ...of, ...paging }), (call) => {
    const of = call.params.charge ?? call.params.payment_intent
    return listOf(call, 'refund', of === undefined ? 'refund' : `refund:${of}`)
  }),
]
