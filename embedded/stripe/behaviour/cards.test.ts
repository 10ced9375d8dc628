import { expect, test } from 'vitest'
import { refusalOf, stripeUnderTest } from './server.ts'

const { client } = stripeUnderTest()
const inTwoYears = new Date().getUTCFullYear() + 2

const pay = (card: { number: string; exp_month?: number; exp_year?: number }) => {
  // As a browser sends it; the types of the package know of tokens only.
  const payment_method_data = {
    type: 'card' as const,
    card: { exp_month: 12, exp_year: inTwoYears, cvc: '123', ...card },
  }
  return client().paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
    confirm: true,
    payment_method_data,
  })
}

test.each([
  ['4242424242424242', 'visa'],
  ['5555 5555 5555 4444', 'mastercard'],
  ['378282246310005', 'amex'],
])('%s pays as %s', async (number, brand) => {
  const { id, status } = await pay({ number })
  expect(status).toBe('succeeded')
  const { payment_method } = await client().paymentIntents.retrieve(id, { expand: ['payment_method'] })
  expect(payment_method).toMatchObject({ card: { brand, last4: number.slice(-4), exp_month: 12 } })
})

test.each([
  ['4000000000000002', 'card_declined', 'generic_decline'],
  ['4000000000009995', 'card_declined', 'insufficient_funds'],
  ['4242424242424241', 'incorrect_number', ''],
  ['4111111111111111', 'card_declined', 'test_mode_live_card'],
])('%s does not: %s', async (number, code, declineCode) => {
  const refusal = await refusalOf(pay({ number }))
  expect(refusal).toMatchObject({ type: 'StripeCardError', statusCode: 402, code })
  expect(refusal.decline_code).toBe(declineCode)
})

test('a card that has expired is known by its date', async () => {
  expect(await refusalOf(pay({ number: '4242424242424242', exp_year: 2020 }))).toMatchObject({
    code: 'invalid_expiry_year',
  })
  expect(await refusalOf(pay({ number: '4242424242424242', exp_month: 13 }))).toMatchObject({
    code: 'invalid_expiry_month',
  })
})

test('a payment method that was made is used by its id', async () => {
  const stripe = client()
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card: { token: 'tok_visa' },
    billing_details: { name: 'Ada' },
  })
  expect(method).toMatchObject({ type: 'card', billing_details: { name: 'Ada' }, card: { last4: '4242' } })
  expect((await stripe.paymentMethods.retrieve(method.id)).id).toBe(method.id)
  const { status, payment_method } = await stripe.paymentIntents.create({
    amount: 700,
    currency: 'usd',
    allowed_payment_method_types: ['card'],
    payment_method: method.id,
    confirm: true,
  })
  expect([status, payment_method]).toEqual(['succeeded', method.id])
})
