import type { FastifyInstance } from 'fastify'
import Stripe from 'stripe'
import type { UserId } from '../../domain/ids.ts'
import { sendProblem } from '../../service/problems.ts'
import { asDocumented } from '../http/webhookSchema.ts'
import { Purpose } from './intent.ts'
import type { Intent } from './intent.ts'
import type { KeptEvents } from './kept.ts'
import { personIn } from './metadata.ts'
import { isOfInterest, newsIn, processorEvent } from './news.ts'
import type { NewsHandler, NewsOutcome, ProcessorEvent } from './news.ts'

/** Where the processor tells what became of payments. */
export const WEBHOOK = '/payments/webhook'

/** The processor's own events are a few kilobytes. */
const LARGEST = 64 * 1024
/** Seconds for which a signature counts: nobody can send an old one again after that. */
const TOLERANCE = 300

export interface WebhookOptions {
  readonly http: FastifyInstance
  /** The secret that the processor signs with. */
  readonly secret: string
  readonly kept: KeptEvents
  readonly handlers: Readonly<Record<Purpose, NewsHandler>>
  /** A payment as it is now. */
  readonly intent: (id: string) => Promise<Intent>
  readonly count: (type: string, outcome: string) => void
  readonly now: () => Date
}

interface Handled {
  readonly outcome: NewsOutcome
  /** Whose payment it is about. */
  readonly person: UserId | undefined
}

/**
 * `POST /payments/webhook`: what the processor tells of payments, handed to whoever takes care of their purpose. Each
 * event is handled once. An error of ours is answered with 5xx, and the processor tells it again; what is none of our
 * business is thanked for.
 */
export const serveWebhook = (options: WebhookOptions): void => {
  const { http, secret, kept, handlers, intent, count, now } = options

  /** The event, if the processor has signed these very bytes, and lately; throws if not. */
  const verified = (payload: Buffer, signature: string): ProcessorEvent =>
    processorEvent(
      Stripe.webhooks.constructEvent(payload, signature, secret, TOLERANCE, undefined, now().getTime()),
    )

  const handle = async (event: ProcessorEvent, requestId: string): Promise<Handled> => {
    const { id, type } = event
    const news = isOfInterest(type) ? await newsIn(event, type, intent) : undefined
    const purpose = Purpose.safeParse(news?.intent.metadata['purpose']).data
    if (!news || !purpose) return { outcome: 'foreign', person: undefined }
    const cause = { correlationId: requestId, causationId: id, actor: 'card processor' }
    return { outcome: await handlers[purpose](news, cause), person: personIn(news.intent.metadata) }
  }

  const take = async (event: ProcessorEvent, payload: Buffer, requestId: string): Promise<string> => {
    const { id, type } = event
    if (!isOfInterest(type)) return 'ignored'
    if (await kept.keep({ id, type, payload: payload.toString('utf8') })) return 'repeated'
    const { outcome, person } = await handle(event, requestId)
    await kept.handled(id, outcome, person)
    return outcome
  }

  void http.register((scope, _, done) => {
    // The signature is over the bytes: whatever they claim to be, nothing reads them before it does.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: LARGEST }, (_request, body, parsed) =>
      parsed(null, body),
    )
    scope.post(WEBHOOK, { bodyLimit: LARGEST, ...asDocumented }, async (request, reply) => {
      const { headers, body, id, log } = request
      const signature = headers['stripe-signature']
      const payload = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
      let event: ProcessorEvent
      try {
        event = verified(payload, typeof signature === 'string' ? signature : '')
      } catch (fault) {
        if (!(fault instanceof Stripe.errors.StripeSignatureVerificationError)) throw fault
        count('unknown', 'forged')
        log.warn({ reason: fault.message.split('\n')[0] }, 'a webhook whose signature is wrong')
        return sendProblem(reply, { status: 400, detail: 'The signature does not fit this request.' })
      }
      const type = isOfInterest(event.type) ? event.type : 'other'
      try {
        const outcome = await take(event, payload, id)
        count(type, outcome)
        log.debug({ eventId: event.id, type: event.type, outcome }, 'webhook')
        return await reply.send({ received: true })
      } catch (fault) {
        count(type, 'failed')
        throw fault
      }
    })
    done()
  })
}
