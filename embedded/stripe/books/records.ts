import { z } from 'zod'
import { cardNames } from './cards.ts'

/** What is kept of Stripe's objects, by Stripe's own names; `render.ts` adds the fields that are always the same. */

const kept = { id: z.string(), created: z.int(), metadata: z.record(z.string(), z.string()) }

export const PaymentMethod = z.object({
  ...kept,
  object: z.literal('payment_method'),
  /** Which of the test cards it is: the number itself is kept nowhere. */
  card: z.enum(cardNames),
  exp_month: z.int(),
  exp_year: z.int(),
  billing_details: z.object({
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
  }),
})
export type PaymentMethod = z.infer<typeof PaymentMethod>

/** Why a card was not charged. */
export const CardError = z.object({
  type: z.literal('card_error'),
  code: z.string(),
  decline_code: z.string().exactOptional(),
  message: z.string(),
  charge: z.string().exactOptional(),
  payment_method: z.string(),
})
export type CardError = z.infer<typeof CardError>

export const Intent = z.object({
  ...kept,
  object: z.literal('payment_intent'),
  status: z.enum([
    'requires_payment_method',
    'requires_confirmation',
    'requires_action',
    'succeeded',
    'canceled',
  ]),
  amount: z.int(),
  currency: z.string(),
  client_secret: z.string(),
  description: z.string().nullable(),
  receipt_email: z.string().nullable(),
  statement_descriptor: z.string().nullable(),
  statement_descriptor_suffix: z.string().nullable(),
  payment_method_types: z.array(z.string()),
  allowed_payment_method_types: z.array(z.literal('card')).nullable(),
  automatic_payment_methods: z
    .object({ enabled: z.boolean(), allow_redirects: z.enum(['always', 'never']) })
    .nullable(),
  payment_method: z.string().nullable(),
  latest_charge: z.string().nullable(),
  last_payment_error: CardError.nullable(),
  /** Where the 3-D Secure step leads back to. */
  return_url: z.string().nullable(),
  canceled_at: z.int().nullable(),
  cancellation_reason: z.string().nullable(),
})
export type Intent = z.infer<typeof Intent>

export const Charge = z.object({
  ...kept,
  object: z.literal('charge'),
  status: z.enum(['succeeded', 'failed']),
  amount: z.int(),
  amount_refunded: z.int(),
  currency: z.string(),
  description: z.string().nullable(),
  receipt_email: z.string().nullable(),
  payment_intent: z.string(),
  payment_method: z.string(),
  authenticated: z.boolean(),
  failure_code: z.string().nullable(),
  decline_code: z.string().nullable(),
  failure_message: z.string().nullable(),
})
export type Charge = z.infer<typeof Charge>

export const Refund = z.object({
  ...kept,
  object: z.literal('refund'),
  status: z.enum(['pending', 'succeeded', 'failed']),
  amount: z.int(),
  currency: z.string(),
  charge: z.string(),
  payment_intent: z.string(),
  reason: z.string().nullable(),
  failure_reason: z.string().nullable(),
})
export type Refund = z.infer<typeof Refund>

export const eventTypes = [
  'payment_intent.created',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'payment_intent.payment_failed',
  'payment_intent.canceled',
  'charge.succeeded',
  'charge.failed',
  'charge.refunded',
  'refund.created',
  'refund.updated',
  'refund.failed',
] as const
export type EventType = (typeof eventTypes)[number]

/** An event shows its object as it was then, whatever becomes of it. */
export const Event = z.object({
  id: z.string(),
  object: z.literal('event'),
  created: z.int(),
  type: z.enum(eventTypes),
  data: z.object({ object: z.record(z.string(), z.unknown()) }),
  request: z.object({ id: z.string().nullable(), idempotency_key: z.string().nullable() }),
  /** Somebody is still to be told. */
  pending: z.boolean(),
})
export type Event = z.infer<typeof Event>

export const Record = z.discriminatedUnion('object', [PaymentMethod, Intent, Charge, Refund, Event])
export type Record = z.infer<typeof Record>

export type ObjectType = Record['object']
export type RecordOf<O extends ObjectType> = Extract<Record, { readonly object: O }>
