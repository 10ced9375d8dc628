import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { refusalOf, stripeUnderTest } from './server.ts'

const { client } = stripeUnderTest()
const euros: Stripe.PaymentIntentCreateParams = {
  amount: 1_999,
  currency: 'eur',
  allowed_payment_method_types: ['card'],
}

test('an intent waits for a card, is confirmed with one, and is then charged', async () => {
  const stripe = client()
  const intent = await stripe.paymentIntents.create({ ...euros, metadata: { order_id: '7' } })
  expect(intent).toMatchObject({
    object: 'payment_intent',
    status: 'requires_payment_method',
    amount: 1_999,
    amount_received: 0,
    currency: 'eur',
    metadata: { order_id: '7' },
    payment_method: null,
    latest_charge: null,
    next_action: null,
    livemode: false,
  })
  expect(intent.id).toMatch(/^pi_\w{10,}$/)
  expect(intent.client_secret).toMatch(new RegExp(`^${intent.id}_secret_\\w+$`))
  expect(Date.now() / 1_000 - intent.created).toBeLessThan(60)

  const paid = await stripe.paymentIntents.confirm(intent.id, {
    payment_method: 'pm_card_visa',
    expand: ['latest_charge', 'payment_method'],
  })
  expect(paid).toMatchObject({
    status: 'succeeded',
    amount_received: 1_999,
    last_payment_error: null,
    latest_charge: {
      object: 'charge',
      amount: 1_999,
      paid: true,
      status: 'succeeded',
      refunded: false,
      payment_intent: intent.id,
      metadata: { order_id: '7' },
      payment_method_details: { type: 'card', card: { brand: 'visa', last4: '4242' } },
    },
    payment_method: { object: 'payment_method', card: { brand: 'visa', last4: '4242' } },
  })
  const read = await stripe.paymentIntents.retrieve(intent.id)
  expect(read.latest_charge).toMatch(/^ch_/)
  expect(read.lastResponse.requestId).toMatch(/^req_/)
})

test('made with a card, it waits to be confirmed; made confirmed, it is paid at once', async () => {
  const stripe = client()
  const waiting = await stripe.paymentIntents.create({ ...euros, payment_method: 'pm_card_mastercard' })
  expect(waiting.status).toBe('requires_confirmation')
  expect(waiting.payment_method).toMatch(/^pm_(?!card)/)
  expect((await stripe.paymentIntents.confirm(waiting.id)).status).toBe('succeeded')

  const paid = await stripe.paymentIntents.create({ ...euros, payment_method: 'pm_card_visa', confirm: true })
  expect(paid.status).toBe('succeeded')
})

test.each([
  ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline'],
  ['pm_card_visa_chargeDeclinedInsufficientFunds', 'card_declined', 'insufficient_funds'],
  ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card'],
  ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card'],
  ['pm_card_chargeDeclinedExpiredCard', 'expired_card', undefined],
  ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', undefined],
  ['pm_card_chargeDeclinedProcessingError', 'processing_error', undefined],
])('%s is declined as %s, and another card may be tried', async (card, code, declineCode) => {
  const stripe = client()
  const { id } = await stripe.paymentIntents.create(euros)
  const refusal = await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: card }))
  expect(refusal).toMatchObject({ type: 'StripeCardError', statusCode: 402, code })
  if (declineCode !== undefined) expect(refusal.decline_code).toBe(declineCode)
  expect(refusal.payment_intent?.id).toBe(id)

  const declined = await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })
  expect(declined).toMatchObject({
    status: 'requires_payment_method',
    payment_method: null,
    last_payment_error: { type: 'card_error', code, payment_method: { type: 'card' } },
    latest_charge: { paid: false, status: 'failed', failure_code: code },
  })
  const paid = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
  expect(paid).toMatchObject({ status: 'succeeded', last_payment_error: null })
})

test('canceled, it is over; paid, it can not be canceled', async () => {
  const stripe = client()
  const over = await stripe.paymentIntents.create(euros)
  const canceled = await stripe.paymentIntents.cancel(over.id, { cancellation_reason: 'abandoned' })
  expect(canceled).toMatchObject({ status: 'canceled', cancellation_reason: 'abandoned' })
  expect(canceled.canceled_at).toBeGreaterThanOrEqual(over.created)
  for (const again of [
    stripe.paymentIntents.cancel(over.id),
    stripe.paymentIntents.confirm(over.id, { payment_method: 'pm_card_visa' }),
  ])
    expect(await refusalOf(again)).toMatchObject({
      type: 'StripeInvalidRequestError',
      statusCode: 400,
      code: 'payment_intent_unexpected_state',
    })

  const paid = await stripe.paymentIntents.create({ ...euros, payment_method: 'pm_card_visa', confirm: true })
  const refusal = await refusalOf(stripe.paymentIntents.cancel(paid.id))
  expect(refusal).toMatchObject({ statusCode: 400, code: 'payment_intent_unexpected_state' })
  expect(refusal.payment_intent?.status).toBe('succeeded')
  expect(
    await refusalOf(stripe.paymentIntents.confirm(paid.id, { payment_method: 'pm_card_visa' })),
  ).toMatchObject({ code: 'payment_intent_unexpected_state' })
})

test('what is said of it may be changed, its amount only as long as it is open', async () => {
  const stripe = client()
  const { id } = await stripe.paymentIntents.create({ ...euros, metadata: { a: '1', b: '2' } })
  const changed = await stripe.paymentIntents.update(id, {
    amount: 2_500,
    description: 'Two books',
    metadata: { b: '', c: '3' },
  })
  expect(changed).toMatchObject({ amount: 2_500, description: 'Two books' })
  expect(changed.metadata).toEqual({ a: '1', c: '3' })
  await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
  expect((await stripe.paymentIntents.update(id, { metadata: { late: 'yes' } })).metadata['late']).toBe('yes')
  expect(await refusalOf(stripe.paymentIntents.update(id, { amount: 1_000 }))).toMatchObject({
    code: 'payment_intent_unexpected_state',
  })
})

test('lists are newest first, and a client pages through them', async () => {
  const stripe = client()
  const made: string[] = []
  for (let n = 0; n < 5; n++) made.unshift((await stripe.paymentIntents.create(euros)).id)
  const first = await stripe.paymentIntents.list({ limit: 3 })
  expect(first).toMatchObject({ object: 'list', has_more: true, url: '/v1/payment_intents' })
  expect(first.data.map(({ id }) => id)).toEqual(made.slice(0, 3))
  const second = await stripe.paymentIntents.list({ limit: 2, starting_after: made[2] ?? '' })
  expect(second.data.map(({ id }) => id)).toEqual(made.slice(3))
  const back = await stripe.paymentIntents.list({ limit: 2, ending_before: made[3] ?? '' })
  expect(back.data.map(({ id }) => id)).toEqual(made.slice(1, 3))
  expect(back.has_more).toBe(true)

  const seen: string[] = []
  for await (const { id } of stripe.paymentIntents.list({ limit: 2 })) if (seen.push(id) === 5) break
  expect(seen).toEqual(made)
})
