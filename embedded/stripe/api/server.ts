import { setTimeout as delay } from 'node:timers/promises'
import { fastify } from 'fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Stripe } from 'stripe'
import { Fault, invalidRequest } from '../books/fault.ts'
import { newId } from '../books/ids.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type { Trouble } from './disturbances.ts'
import { answerOf } from './endpoint.ts'
import type { Answer, Call, Endpoint } from './endpoint.ts'
import { canonical, decodeForm } from './form.ts'
import { authenticate } from './keys.ts'
import type { Keys } from './keys.ts'
import { Once } from './once.ts'
import type { Given } from './once.ts'
import { paymentIntents } from './paymentIntents.ts'
import { paymentMethods } from './paymentMethods.ts'
import { reading } from './reading.ts'
import { refundEndpoints } from './refunds.ts'
import type { Surroundings } from './render.ts'

const endpoints: readonly Endpoint[] = [...paymentIntents, ...paymentMethods, ...refundEndpoints, ...reading]
const FORM = 'application/x-www-form-urlencoded'
const BODY_LIMIT = 128 * 1024

export interface ServerOptions {
  readonly surroundings: Surroundings
  readonly ledger: Ledger
  readonly webhooks: Webhooks
  readonly keys: Keys
  readonly now: () => number
  /** Nobody is kept waiting any more. */
  readonly stopping: AbortSignal
  /** What is to go wrong with a request. */
  readonly trouble: (method: string, path: string) => Trouble | undefined
}

/** The HTTP API, as the official clients call it. */
export const serverOf = (options: ServerOptions): FastifyInstance => {
  const http = fastify({
    genReqId: () => newId('req'),
    bodyLimit: BODY_LIMIT,
    keepAliveTimeout: 65_000,
    forceCloseConnections: true,
  })
  const { surroundings } = options
  http.addContentTypeParser(FORM, { parseAs: 'string' }, (_, body, done) => done(null, body))
  http.addHook('onRequest', async (request, reply) => {
    void reply.headers({ 'request-id': request.id, 'stripe-version': Stripe.API_VERSION })
    if (!request.url.startsWith('/v1/')) return
    // Pages anywhere may ask: keys are in a header, never in a cookie.
    void reply.headers({ 'access-control-allow-origin': '*', 'access-control-expose-headers': 'request-id' })
    if (request.method === 'OPTIONS')
      await reply
        .code(204)
        .headers({
          'access-control-allow-methods': 'GET, POST',
          'access-control-allow-headers': 'authorization, content-type, idempotency-key, stripe-version',
        })
        .send()
  })
  http.setErrorHandler((error, _, reply) => {
    const fault = faultOf(error)
    if (fault.status === 500) console.error(error)
    return send(reply, answerOf(fault, surroundings))
  })
  http.setNotFoundHandler((request, reply) =>
    send(
      reply,
      answerOf(
        new Fault(
          404,
          'invalid_request_error',
          `Unrecognized request URL (${request.method}: ${request.url.split('?')[0]}).`,
        ),
        surroundings,
      ),
    ),
  )
  const once = new Once(options.ledger)
  for (const endpoint of endpoints)
    http.route<{ Params: { id?: string } }>({
      method: endpoint.method,
      url: endpoint.url,
      handler: (request, reply) => serve(endpoint, options, once, request, reply),
    })
  return http
}

/** What our own code or the framework has to say against a request. */
const faultOf = (error: unknown): Fault => {
  if (error instanceof Fault) return error
  if (error instanceof Error && error.name === 'AbortError')
    return new Fault(503, 'api_error', 'The node is being stopped.')
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status < 500 && error instanceof Error) return invalidRequest(error.message)
  return new Fault(500, 'api_error', 'An error occurred in the node; its output says which.')
}

const serve = async (
  endpoint: Endpoint,
  { ledger, surroundings, webhooks, keys, now, stopping, trouble }: ServerOptions,
  once: Once,
  request: FastifyRequest<{ Params: { id?: string } }>,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const path = request.url.split('?')[0] ?? ''
  const written = endpoint.method === 'GET' ? request.url.slice(path.length + 1) : request.body
  const { key: parameter, ...form } = decodeForm(typeof written === 'string' ? written : '')
  const kind = authenticate(keys, request.headers.authorization, parameter)
  if (kind === 'publishable' && !endpoint.publishable)
    throw new Fault(
      403,
      'invalid_request_error',
      'This API call cannot be made with a publishable API key. Please use a secret API key.',
      { code: 'secret_key_required' },
    )
  const header = request.headers['idempotency-key']
  const idempotencyKey = endpoint.method === 'POST' && typeof header === 'string' ? header : undefined
  const wrong = trouble(request.method, path)
  if (wrong?.do === 'fail') return send(reply, failureOf(wrong.status))

  const decide = endpoint.prepare(form)
  const given = await once.alone<Given>(idempotencyKey, async () => {
    if (wrong?.do === 'late') await delay(wrong.ms, undefined, { signal: stopping })
    const at = now()
    const call: Omit<Call, 'params'> = {
      ledger,
      url: surroundings.url,
      id: request.params.id ?? '',
      at: Math.floor(at / 1_000),
      publishable: kind === 'publishable',
      announce: (type, record) => webhooks.announce(type, record, { id: request.id, idempotencyKey }),
    }
    if (endpoint.method === 'GET') return decide(call)
    const question = `${path} ${canonical(form)}`
    return once.decide({ key: idempotencyKey, question, request: request.id, at }, () => decide(call))
  })
  if (endpoint.method === 'POST') webhooks.dispatcher.wake()
  if (wrong?.do === 'hold') await delay(wrong.ms, undefined, { signal: stopping })
  if (wrong?.do === 'lose') {
    void reply.hijack()
    request.raw.socket.destroy()
    return reply
  }
  if (idempotencyKey !== undefined) void reply.header('idempotency-key', idempotencyKey)
  if (given.replayOf !== undefined)
    void reply.headers({ 'idempotent-replayed': 'true', 'original-request': given.replayOf })
  return send(reply, given)
}

const failureOf = (status: number): Answer => ({
  status,
  body: {
    error:
      status === 429
        ? { type: 'invalid_request_error', code: 'rate_limit', message: 'Too many requests.' }
        : { type: 'api_error', message: 'The node was told to fail here. Nothing was done.' },
  },
})

/** Whether asking again can help; where Stripe leaves it open, clients decide by the status. */
const shouldRetry = (status: number): string | undefined =>
  status === 409 || status >= 500 || status === 429 ? 'true' : status >= 400 ? 'false' : undefined

const send = (reply: FastifyReply, { status, body }: Answer): FastifyReply => {
  const retry = shouldRetry(status)
  if (retry !== undefined) void reply.header('stripe-should-retry', retry)
  return reply.code(status).send(body)
}
