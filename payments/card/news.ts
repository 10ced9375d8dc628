import { z } from 'zod'
import type { Cause } from '../../eventstore/metadata.ts'
import { Intent } from './intent.ts'

/** What the processor tells of a payment by card: by itself, perhaps again, late and in any order. */
export interface CardNews {
  /** The processor's own id of what happened. */
  readonly eventId: string
  /** When it happened, to the second. */
  readonly at: string
  /** `REFUNDED`: something became of a refund; the processor knows of all of them. */
  readonly kind: 'SUCCEEDED' | 'DECLINED' | 'CANCELLED' | 'REFUNDED'
  /** The payment as it was then, and as it is now where it is about refunds. */
  readonly intent: Intent
}

/** What came of it: it is `foreign` where it is about nothing that we know. */
export type NewsOutcome = 'handled' | 'foreign'

/** Takes care of the news of payments for one purpose. They may come twice, and count once. */
export type NewsHandler = (news: CardNews, cause: Cause) => Promise<NewsOutcome>

/** The outside of whatever the processor tells. */
const Event = z.object({
  id: z.string().min(1).max(255),
  type: z.string(),
  created: z.int(),
  data: z.object({ object: z.unknown() }),
})
export type ProcessorEvent = z.infer<typeof Event>

/** A charge, or a refund, of which only the payment is of interest; a very old kind of payment has none. */
const OfPayment = z.object({ payment_intent: z.string().nullish() })

const kinds = {
  'payment_intent.succeeded': 'SUCCEEDED',
  'payment_intent.payment_failed': 'DECLINED',
  'payment_intent.canceled': 'CANCELLED',
  'charge.refunded': 'REFUNDED',
  'refund.created': 'REFUNDED',
  'refund.updated': 'REFUNDED',
  'refund.failed': 'REFUNDED',
} as const

export const isOfInterest = (type: string): type is keyof typeof kinds => type in kinds

export const processorEvent = (payload: unknown): ProcessorEvent => Event.parse(payload)

/** What an event tells; undefined if it is about no payment. What refunds do not say of it, the processor is asked. */
export const newsIn = async (
  { id: eventId, created, data: { object } }: ProcessorEvent,
  type: keyof typeof kinds,
  intentNow: (id: string) => Promise<Intent>,
): Promise<CardNews | undefined> => {
  const kind = kinds[type]
  const at = new Date(created * 1_000).toISOString()
  if (kind !== 'REFUNDED') return { eventId, at, kind, intent: Intent.parse(object) }
  const { payment_intent: id } = OfPayment.parse(object)
  return id ? { eventId, at, kind, intent: await intentNow(id) } : undefined
}
