import { z } from 'zod'
import { noSuch } from '../books/fault.ts'
import { eventTypes } from '../books/records.ts'
import { endpoint, listOf } from './endpoint.ts'
import type { Endpoint } from './endpoint.ts'
import { expand, paging, text } from './parameters.ts'
import { showCharge, showEvent } from './render.ts'

/** Charges and events come about by themselves, and are only read. */
export const reading: readonly Endpoint[] = [
  endpoint('GET', '/v1/charges/:id', z.strictObject(expand), (call) => {
    const charge = call.ledger.get('charge', call.id)
    if (!charge) throw noSuch('charge', call.id)
    return showCharge(charge, call)
  }),
  endpoint(
    'GET',
    '/v1/charges',
    z.strictObject({ ...paging, payment_intent: text(100).optional() }),
    (call) => {
      const { payment_intent: intent } = call.params
      return listOf(call, 'charge', intent === undefined ? 'charge' : `charge:${intent}`)
    },
  ),
  endpoint('GET', '/v1/events/:id', z.strictObject(expand), ({ ledger, id }) => {
    const event = ledger.get('event', id)
    if (!event) throw noSuch('event', id)
    return showEvent(event)
  }),
  endpoint('GET', '/v1/events', z.strictObject({ ...paging, type: z.enum(eventTypes).optional() }), (call) =>
    listOf(call, 'event', call.params.type === undefined ? 'event' : `event:${call.params.type}`),
  ),
]
