import { expect, test } from 'vitest'
import { refusalOf, stripeUnderTest } from './server.ts'

const { client } = stripeUnderTest()

const paid = async (amount = 2_000, payment_method = 'pm_card_visa') => {
  const intent = await client().paymentIntents.create({
    amount,
    currency: 'eur',
    allowed_payment_method_types: ['card'],
    payment_method,
    confirm: true,
    expand: ['latest_charge'],
  })
  const charge = typeof intent.latest_charge === 'object' ? intent.latest_charge?.id : undefined
  return { intent: intent.id, charge: charge ?? '' }
}

test('without an amount everything goes back, once', async () => {
  const stripe = client()
  const { intent, charge } = await paid()
  const refund = await stripe.refunds.create({
    payment_intent: intent,
    reason: 'requested_by_customer',
    metadata: { refund_id: '9' },
  })
  expect(refund).toMatchObject({
    object: 'refund',
    amount: 2_000,
    currency: 'eur',
    charge,
    payment_intent: intent,
    status: 'succeeded',
    reason: 'requested_by_customer',
    metadata: { refund_id: '9' },
  })
  expect(refund.id).toMatch(/^re_/)
  expect(await stripe.charges.retrieve(charge)).toMatchObject({ refunded: true, amount_refunded: 2_000 })
  expect(await refusalOf(stripe.refunds.create({ payment_intent: intent }))).toMatchObject({
    type: 'StripeInvalidRequestError',
    statusCode: 400,
    code: 'charge_already_refunded',
  })
})

test('parts go back up to what was paid, and not a cent more', async () => {
  const stripe = client()
  const { intent, charge } = await paid()
  const first = await stripe.refunds.create({ charge, amount: 500 })
  const second = await stripe.refunds.create({ payment_intent: intent, amount: 1_000 })
  expect(await refusalOf(stripe.refunds.create({ payment_intent: intent, amount: 501 }))).toMatchObject({
    statusCode: 400,
    rawType: 'invalid_request_error',
    param: 'amount',
  })
  expect(await stripe.charges.retrieve(charge)).toMatchObject({ refunded: false, amount_refunded: 1_500 })
  const rest = await stripe.refunds.create({ payment_intent: intent })
  expect(rest.amount).toBe(500)

  const listed = await stripe.refunds.list({ payment_intent: intent })
  expect(listed.data.map(({ id }) => id)).toEqual([rest.id, second.id, first.id])
  expect((await stripe.refunds.list({ charge, limit: 1 })).has_more).toBe(true)
  expect(await stripe.refunds.retrieve(first.id, { expand: ['charge'] })).toMatchObject({
    amount: 500,
    charge: { id: charge, refunded: true },
  })
})

test('the whole list is not mixed up with that of one charge', async () => {
  const stripe = client()
  const made: string[] = []
  for (let n = 0; n < 3; n++) {
    const { intent } = await paid()
    for (let part = 0; part < 2; part++)
      made.unshift((await stripe.refunds.create({ payment_intent: intent, amount: 100 })).id)
  }
  const seen: string[] = []
  for await (const { id } of stripe.refunds.list({ limit: 2 })) if (seen.push(id) === made.length) break
  expect(seen).toEqual(made)
})

test('of two that ask for the whole at the same moment, one has it', async () => {
  const { intent } = await paid()
  const asked = await Promise.allSettled(
    Array.from({ length: 5 }, () => client().refunds.create({ payment_intent: intent })),
  )
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('what was never charged can not be given back', async () => {
  const stripe = client()
  const { id } = await stripe.paymentIntents.create({ amount: 500, currency: 'eur' })
  await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa_chargeDeclined' }))
  for (const asked of [
    { payment_intent: id },
    { payment_intent: 'pi_nowhere' },
    { charge: 'ch_nowhere' },
    {},
  ])
    expect(await refusalOf(stripe.refunds.create(asked))).toMatchObject({
      type: 'StripeInvalidRequestError',
    })
})

test('a refund may be given further words', async () => {
  const stripe = client()
  const { intent } = await paid()
  const { id } = await stripe.refunds.create({ payment_intent: intent, metadata: { a: '1' } })
  expect((await stripe.refunds.update(id, { metadata: { b: '2' } })).metadata).toEqual({ a: '1', b: '2' })
})
