import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { invalidRequest, noSuch } from '../books/fault.ts'
import * as intents from '../books/intents.ts'
import type { Intent } from '../books/records.ts'
import { acting } from './acting.ts'
import type { ActingOptions } from './acting.ts'
import type { Call } from './endpoint.ts'
import { decodeForm } from './form.ts'
import { parse } from './parameters.ts'
import { record } from './paymentIntents.ts'

export const outcomes = ['succeed', 'fail'] as const
export type Outcome = (typeof outcomes)[number]

/** The holder of the card has (not) proved who they are. */
export const authenticated = (call: Call, outcome: Outcome): Intent => {
  const intent = call.ledger.get('payment_intent', call.id)
  if (!intent) throw noSuch('payment_intent', call.id)
  const method =
    intent.payment_method === null ? undefined : call.ledger.get('payment_method', intent.payment_method)
  if (!method) throw invalidRequest(`${intent.id} has no card that could be authenticated.`)
  return record(call, intents.authenticate(intent, method, outcome, call.at))
}

const PATH = '/3d_secure_2/hosted'
const Place = z.strictObject({ payment_intent: z.string(), payment_intent_client_secret: z.string() })
const Answer = z.strictObject({ outcome: z.enum(outcomes) })

/** The page that an intent's `next_action` leads to: whoever knows the client secret may answer it. */
export const serveThreeDSecure = (http: FastifyInstance, options: ActingOptions): void => {
  const act = acting(options)
  const intentAt = (url: string): Intent => {
    const { payment_intent: id, payment_intent_client_secret: secret } = parse(
      Place,
      decodeForm(url.split('?')[1] ?? ''),
    )
    const intent = options.ledger.get('payment_intent', id)
    if (intent?.client_secret !== secret) throw noSuch('payment_intent', id)
    return intent
  }

  http.get(PATH, (request, reply) => {
    const intent = intentAt(request.url)
    return reply
      .type('text/html; charset=utf-8')
      .headers({ 'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'" })
      .send(intent.status === 'requires_action' ? questionFor(intent) : doneWith(intent))
  })

  http.post(PATH, async (request, reply) => {
    const intent = intentAt(request.url)
    const body = typeof request.body === 'string' ? request.body : ''
    const { outcome } = parse(Answer, decodeForm(body))
    const after = await act({ request: request.id, id: intent.id }, (call) => authenticated(call, outcome))
    if (after.return_url === null) return reply.type('text/html; charset=utf-8').send(doneWith(after))
    const back = new URL(after.return_url)
    back.searchParams.set('payment_intent', after.id)
    back.searchParams.set('payment_intent_client_secret', after.client_secret)
    back.searchParams.set('redirect_status', after.status === 'succeeded' ? 'succeeded' : 'failed')
    return reply.redirect(back.href, 303)
  })
}

const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>
  body { font: 1rem/1.5 system-ui, sans-serif; max-width: 26rem; margin: 4rem auto; padding: 0 1rem }
  button { font: inherit; padding: 0.5rem 1rem; margin: 0 0.5rem 0.5rem 0 }
</style>
<h1>${title}</h1>
${content}
</html>
`

const questionFor = ({ amount, currency }: Intent): string =>
  page(
    '3-D Secure',
    `<p>A bank would ask here whether it is you who pays ${amount} (in the smallest unit of ${currency}). This is a test: choose what it finds.</p>
<form method="post">
  <button name="outcome" value="succeed">Complete authentication</button>
  <button name="outcome" value="fail">Fail authentication</button>
</form>`,
  )

const doneWith = ({ status }: Intent): string =>
  page(
    '3-D Secure',
    `<p>There is nothing left to do here: the payment is ${status}. You may close this page.</p>`,
  )
