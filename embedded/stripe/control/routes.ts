import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { acting } from '../api/acting.ts'
import type { ActingOptions } from '../api/acting.ts'
import { Disturbances } from '../api/disturbances.ts'
import type { TroubleTally } from '../api/disturbances.ts'
import { authenticate } from '../api/keys.ts'
import type { Keys } from '../api/keys.ts'
import { record, refundOf } from '../api/refunds.ts'
import { authenticated, outcomes } from '../api/threeDSecure.ts'
import { Fault, invalidRequest, noSuch } from '../books/fault.ts'
import { settle } from '../books/refunds.ts'
import { Mischief } from '../webhooks/mischief.ts'

export interface ControlOptions extends ActingOptions {
  readonly keys: Keys
  /** How many requests something went wrong with. */
  readonly troubled: Readonly<TroubleTally>
  readonly disturb: (disturbances: Disturbances) => void
}

const ById = z.object({ id: z.string() })
const said = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const parsed = schema.safeParse(body ?? {})
  if (parsed.success) return parsed.data
  throw invalidRequest(z.prettifyError(parsed.error))
}

/** What isn't of Stripe's: how the node is told to misbehave, and how it is asked what it has done. JSON, secret key. */
export const serveControl = (http: FastifyInstance, options: ControlOptions): void => {
  const { ledger, webhooks, keys, disturb } = options
  const { dispatcher } = webhooks
  const act = acting(options)

  http.addHook('onRequest', (request, _, done) => {
    if (
      request.url.startsWith('/_node/') &&
      authenticate(keys, request.headers.authorization, undefined) !== 'secret'
    )
      throw new Fault(403, 'invalid_request_error', 'Only the secret key controls the node.')
    done()
  })

  http.get('/_node/webhooks', () => ({
    waiting: ledger.outbox.count('due'),
    withheld: ledger.outbox.count('held'),
    inFlight: dispatcher.inFlight,
    ...dispatcher.tally,
  }))
  http.post('/_node/webhooks', ({ body }) => {
    webhooks.misbehave(said(Mischief, body))
    return {}
  })
  http.post('/_node/webhooks/endpoint', ({ body }) => {
    webhooks.deliverTo(said(z.strictObject({ url: z.url({ protocol: /^https?$/ }) }), body).url)
    return {}
  })
  http.post('/_node/webhooks/release', async () => ({ released: await webhooks.release() }))
  http.post('/_node/webhooks/resend', async ({ body }) => {
    const { event } = said(z.strictObject({ event: z.string() }), body)
    if (!(await webhooks.resend(event))) throw noSuch('event', event)
    return {}
  })
  http.get('/_node/requests', () => options.troubled)
  http.post('/_node/requests', ({ body }) => {
    disturb(said(Disturbances, body))
    return {}
  })
  http.post('/_node/payment_intents/:id/authenticate', async ({ params, body, id: request }) => {
    const { outcome } = said(z.strictObject({ outcome: z.enum(outcomes) }), body)
    const { id } = ById.parse(params)
    const { status } = await act({ request, id }, (call) => authenticated(call, outcome))
    return { status }
  })
  http.post('/_node/refunds/:id/settle', async ({ params, body, id: request }) => {
    const { outcome } = said(z.strictObject({ outcome: z.enum(['succeeded', 'failed']) }), body)
    const { id } = ById.parse(params)
    const { status } = await act({ request, id }, (call) => {
      const { refund, charge } = refundOf(call)
      return record(call, settle(refund, charge, outcome))
    })
    return { status }
  })
}
