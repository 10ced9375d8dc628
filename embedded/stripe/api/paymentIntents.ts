import { z } from 'zod'
import { checkAmount } from '../books/amount.ts'
import { Fault, invalidRequest, noSuch, unexpectedState } from '../books/fault.ts'
import * as intents from '../books/intents.ts'
import type { IntentChange, Wishes } from '../books/intents.ts'
import type { Intent, PaymentMethod } from '../books/records.ts'
import { endpoint, listOf } from './endpoint.ts'
import type { Call, Endpoint, Shown } from './endpoint.ts'
import { erasable, expand, integer, merged, metadata, paging, text, truth } from './parameters.ts'
import { methodData, methodNamed, newMethod } from './paymentMethods.ts'
import { showIntent } from './render.ts'

const described = {
  metadata: metadata.optional(),
  description: erasable(1_000).optional(),
  receipt_email: erasable(512).optional(),
  statement_descriptor: erasable(22).optional(),
  statement_descriptor_suffix: erasable(22).optional(),
  allowed_payment_method_types: z.array(z.literal('card')).min(1).optional(),
  payment_method: text(100).optional(),
  payment_method_data: methodData.optional(),
}
const currency = text(3).toLowerCase()

/** How an intent is confirmed, apart from the card. */
const confirming = {
  return_url: z.url({ protocol: /^https?$/ }).optional(),
  off_session: truth.optional(),
  error_on_requires_action: truth.optional(),
  use_stripe_sdk: truth.optional(),
}

const Creation = z.strictObject({
  amount: integer,
  currency,
  ...described,
  ...confirming,
  ...expand,
  automatic_payment_methods: z
    .strictObject({ enabled: truth, allow_redirects: z.enum(['always', 'never']).default('always') })
    .optional(),
  capture_method: z.enum(['automatic', 'automatic_async']).optional(),
  confirmation_method: z.literal('automatic').optional(),
  confirm: truth.optional(),
})
const Update = z.strictObject({
  amount: integer.optional(),
  currency: currency.optional(),
  ...described,
  ...expand,
})
const Confirmation = z.strictObject({
  payment_method: described.payment_method,
  payment_method_data: described.payment_method_data,
  receipt_email: described.receipt_email,
  client_secret: text(200).optional(),
  ...confirming,
  ...expand,
})

/** What a request says of an intent, without what it doesn't. */
const wishesOf = (
  call: Call<Pick<z.infer<typeof Creation>, keyof typeof described>>,
  before: Intent['metadata'],
): Wishes => {
  const { metadata } = call.params
  const method = givenMethod(call)
  return {
    ...pick(call.params, [
      'description',
      'receipt_email',
      'statement_descriptor',
      'statement_descriptor_suffix',
      'allowed_payment_method_types',
    ]),
    ...(metadata === undefined ? {} : { metadata: merged(before, metadata) }),
    ...(method ? { payment_method: method.id } : {}),
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

const pick = <T extends object, K extends keyof T>(from: T, names: readonly K[]): Defined<Pick<T, K>> =>
  names.reduce<Defined<Pick<T, K>>>(
    (picked, name) => (from[name] === undefined ? picked : { ...picked, [name]: from[name] }),
    {},
  )

const givenMethod = (
  call: Call<Pick<z.infer<typeof Confirmation>, 'payment_method' | 'payment_method_data'>>,
): PaymentMethod | undefined => {
  const { payment_method, payment_method_data } = call.params
  if (payment_method !== undefined && payment_method_data)
    throw invalidRequest('You may only specify one of payment_method and payment_method_data.', {
      code: 'parameters_exclusive',
      param: 'payment_method',
    })
  if (payment_method_data) return newMethod(call, payment_method_data)
  return payment_method === undefined ? undefined : methodNamed(call, payment_method)
}

const found = ({ ledger, id }: Call): Intent => {
  const intent = ledger.get('payment_intent', id)
  if (!intent) throw noSuch('payment_intent', id, 'intent')
  return intent
}

/** As `found`, for whoever may see it: the secret key, or the client secret. */
const seen = (call: Call<{ readonly client_secret?: string | undefined }>): Intent => {
  const intent = found(call)
  const { client_secret } = call.params
  const knows = client_secret === intent.client_secret
  if (knows || (client_secret === undefined && !call.publishable)) return intent
  if (client_secret === undefined)
    throw invalidRequest('Missing required param: client_secret.', {
      code: 'parameter_missing',
      param: 'client_secret',
    })
  throw invalidRequest('The client_secret provided does not match the PaymentIntent.', {
    code: 'payment_intent_invalid_parameter',
    param: 'client_secret',
  })
}

/** Puts a change on record, and tells it. */
export const record = (call: Call, { intent, charge, events }: IntentChange): Intent => {
  call.ledger.put(intent)
  if (charge) call.ledger.put(charge, [`charge:${intent.id}`])
  for (const type of events) call.announce(type, type.startsWith('charge.') && charge ? charge : intent)
  return intent
}

/** The intent after a card was tried; a refusal is answered as an error, and is on record all the same. */
const answered = (call: Call, change: IntentChange): Intent => {
  const intent = record(call, change)
  const error = intent.last_payment_error
  if (!error) return intent
  const { type, message, code, decline_code } = error
  throw new Fault(
    402,
    type,
    message,
    { code, ...(decline_code === undefined ? {} : { decline_code }) },
    intent.id,
  )
}

const confirmed = (
  call: Call<Pick<z.infer<typeof Confirmation>, 'receipt_email' | keyof typeof confirming>>,
  intent: Intent,
  given?: PaymentMethod,
): Shown => {
  const method =
    given ?? (intent.payment_method === null ? undefined : methodNamed(call, intent.payment_method))
  if (!method)
    throw unexpectedState(
      intent.id,
      "You cannot confirm this PaymentIntent because it's missing a payment method.",
    )
  const { off_session, error_on_requires_action, return_url, receipt_email } = call.params
  const change = intents.confirm(
    { ...intent, ...(receipt_email === undefined ? {} : { receipt_email }) },
    {
      method,
      returnUrl: return_url ?? null,
      unattended: (off_session ?? false) || (error_on_requires_action ?? false),
      at: call.at,
    },
  )
  return showIntent(answered(call, change), call)
}

export const paymentIntents: readonly Endpoint[] = [
  endpoint('POST', '/v1/payment_intents', Creation, (call) => {
    const { amount, currency, automatic_payment_methods = null, confirm } = call.params
    checkAmount(amount, currency)
    const created = intents.create(
      { ...wishesOf(call, {}), amount, currency, automatic_payment_methods },
      call.at,
    )
    const intent = record(call, created)
    if (!confirm) return showIntent(intent, call)
    return confirmed(call, intent)
  }),
  endpoint(
    'GET',
    '/v1/payment_intents/:id',
    z.strictObject({ ...expand, client_secret: text(200).optional() }),
    (call) => showIntent(seen(call), call),
    { publishable: true },
  ),
  endpoint('GET', '/v1/payment_intents', z.strictObject(paging), (call) => listOf(call, 'payment_intent')),
  endpoint('POST', '/v1/payment_intents/:id', Update, (call) => {
    const intent = found(call)
    const { amount = intent.amount, currency = intent.currency } = call.params
    checkAmount(amount, currency)
    const change = intents.update(intent, {
      ...wishesOf(call, intent.metadata),
      ...pick(call.params, ['amount', 'currency']),
    })
    return showIntent(record(call, change), call)
  }),
  endpoint(
    'POST',
    '/v1/payment_intents/:id/confirm',
    Confirmation,
    (call) => {
      const intent = seen(call)
      intents.checkConfirmable(intent)
      return confirmed(call, intent, givenMethod(call))
    },
    {
      publishable: true,
    },
  ),
  endpoint(
    'POST',
    '/v1/payment_intents/:id/cancel',
    z.strictObject({
      ...expand,
      cancellation_reason: z
        .enum(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'])
        .optional(),
    }),
    (call) =>
      showIntent(
        record(call, intents.cancel(found(call), call.params.cancellation_reason ?? null, call.at)),
        call,
      ),
  ),
]
