import { cardOf } from './cards.ts'
import type { Decline } from './cards.ts'
import { unexpectedState } from './fault.ts'
import { newClientSecret, newId } from './ids.ts'
import type { CardError, Charge, EventType, Intent, PaymentMethod } from './records.ts'

/** What a request makes of an intent. Events are of the charge or of the intent, as their names say. */
export interface IntentChange {
  readonly intent: Intent
  readonly charge?: Charge
  readonly events: readonly EventType[]
}

export type Cancelable = Exclude<Intent['status'], 'succeeded' | 'canceled'>
const open: ReadonlySet<string> = new Set<Cancelable>([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
])

/** What may be said of an intent when it is made or changed. */
export type Wishes = Partial<
  Pick<
    Intent,
    | 'amount'
    | 'currency'
    | 'description'
    | 'metadata'
    | 'payment_method'
    | 'allowed_payment_method_types'
    | 'receipt_email'
    | 'statement_descriptor'
    | 'statement_descriptor_suffix'
    | 'automatic_payment_methods'
  >
>

export const create = (
  wishes: Wishes & Pick<Intent, 'amount' | 'currency'>,
  created: number,
): IntentChange => {
  const id = newId('pi')
  const intent: Intent = {
    id,
    object: 'payment_intent',
    created,
    metadata: {},
    description: null,
    receipt_email: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    payment_method_types: ['card'],
    allowed_payment_method_types: null,
    automatic_payment_methods: null,
    payment_method: null,
    ...wishes,
    client_secret: newClientSecret(id),
    status: wishes.payment_method ? 'requires_confirmation' : 'requires_payment_method',
    latest_charge: null,
    last_payment_error: null,
    return_url: null,
    canceled_at: null,
    cancellation_reason: null,
  }
  return { intent, events: ['payment_intent.created'] }
}

/** What may still be changed when the money has come, or never will. */
const harmless: ReadonlySet<string> = new Set(['description', 'metadata', 'receipt_email'])

export const update = (intent: Intent, wishes: Wishes): IntentChange => {
  const barred = open.has(intent.status) ? [] : Object.keys(wishes).filter((name) => !harmless.has(name))
  if (barred.length > 0)
    throw unexpectedState(
      intent.id,
      `This PaymentIntent's ${barred[0]} could not be updated because it has a status of ${intent.status}.`,
    )
  const changed = { ...intent, ...wishes }
  // Another amount or card has to be confirmed (again).
  const status =
    open.has(intent.status) && Object.keys(wishes).some((name) => !harmless.has(name))
      ? changed.payment_method
        ? 'requires_confirmation'
        : 'requires_payment_method'
      : intent.status
  return { intent: { ...changed, status }, events: [] }
}

export interface Confirmation {
  readonly method: PaymentMethod
  readonly returnUrl: string | null
  /** Nobody is there who could prove anything. */
  readonly unattended: boolean
  readonly at: number
}

export const checkConfirmable = (intent: Intent): void => {
  if (!open.has(intent.status))
    throw unexpectedState(
      intent.id,
      intent.status === 'succeeded'
        ? 'You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.'
        : `You cannot confirm this PaymentIntent because it has a status of ${intent.status}.`,
    )
}

export const confirm = (
  intent: Intent,
  { method, returnUrl, unattended, at }: Confirmation,
): IntentChange => {
  checkConfirmable(intent)
  const card = cardOf(method.card)
  const confirmed: Intent = {
    ...intent,
    payment_method: method.id,
    last_payment_error: null,
    return_url: returnUrl,
  }
  if (card.authentication !== 'required') return attempt(confirmed, method, false, at)
  if (unattended) return refuse(confirmed, method, authenticationRequired, at)
  return {
    intent: { ...confirmed, status: 'requires_action' },
    events: ['payment_intent.requires_action'],
  }
}

const authenticationRequired: Decline = {
  code: 'authentication_required',
  decline_code: 'authentication_required',
  message: 'This transaction requires authentication.',
}
const notAuthenticated: Decline = {
  code: 'payment_intent_authentication_failure',
  message: 'The card could not be authenticated. Choose another one, and try again.',
}

/** The 3-D Secure step has come to an end. */
export const authenticate = (
  intent: Intent,
  method: PaymentMethod,
  outcome: 'succeed' | 'fail',
  at: number,
): IntentChange => {
  if (intent.status !== 'requires_action')
    throw unexpectedState(intent.id, `There is nothing to authenticate: the status is ${intent.status}.`)
  return outcome === 'succeed' ? attempt(intent, method, true, at) : fail(intent, method, notAuthenticated)
}

export const cancel = (intent: Intent, reason: string | null, at: number): IntentChange => {
  if (!open.has(intent.status))
    throw unexpectedState(
      intent.id,
      `You cannot cancel this PaymentIntent because it has a status of ${intent.status}. ` +
        `Only a PaymentIntent with one of the following statuses may be canceled: ${[...open].join(', ')}.`,
    )
  return {
    intent: { ...intent, status: 'canceled', canceled_at: at, cancellation_reason: reason },
    events: ['payment_intent.canceled'],
  }
}

const attempt = (intent: Intent, method: PaymentMethod, authenticated: boolean, at: number): IntentChange => {
  const { decline } = cardOf(method.card)
  if (decline) return refuse(intent, method, decline, at, authenticated)
  const charge = chargeFor(intent, method, { at, authenticated })
  return {
    intent: { ...intent, status: 'succeeded', latest_charge: charge.id },
    charge,
    events: ['charge.succeeded', 'payment_intent.succeeded'],
  }
}

/** The issuer said no: a failed charge stays as a witness. */
const refuse = (
  intent: Intent,
  method: PaymentMethod,
  decline: Decline,
  at: number,
  authenticated = false,
): IntentChange => {
  const charge = chargeFor(intent, method, { at, authenticated, decline })
  const failed = fail({ ...intent, latest_charge: charge.id }, method, decline, charge.id)
  return { ...failed, charge, events: ['charge.failed', ...failed.events] }
}

/** Back to where another card may be tried. */
const fail = (intent: Intent, method: PaymentMethod, decline: Decline, charge?: string): IntentChange => {
  const last_payment_error: CardError = {
    type: 'card_error',
    ...decline,
    ...(charge === undefined ? {} : { charge }),
    payment_method: method.id,
  }
  return {
    intent: { ...intent, status: 'requires_payment_method', payment_method: null, last_payment_error },
    events: ['payment_intent.payment_failed'],
  }
}

const chargeFor = (
  intent: Intent,
  method: PaymentMethod,
  { at, authenticated, decline }: { at: number; authenticated: boolean; decline?: Decline },
): Charge => ({
  id: newId('ch'),
  object: 'charge',
  created: at,
  metadata: intent.metadata,
  status: decline ? 'failed' : 'succeeded',
  amount: intent.amount,
  amount_refunded: 0,
  currency: intent.currency,
  description: intent.description,
  receipt_email: intent.receipt_email,
  payment_intent: intent.id,
  payment_method: method.id,
  authenticated,
  failure_code: decline?.code ?? null,
  decline_code: decline?.decline_code ?? null,
  failure_message: decline?.message ?? null,
})
