import { expect, test } from 'vitest'
import type { Stripe } from 'stripe'
import { clientOf, refusalOf, stripeUnderTest } from './server.ts'

const { client, root } = stripeUnderTest()
const euros = { amount: 1_999, currency: 'eur' }

type Ask = (stripe: Stripe) => Promise<unknown>

test.each<[string, Ask, object]>([
  [
    'no amount',
    (stripe) => stripe.rawRequest('POST', '/v1/payment_intents', { currency: 'eur' }),
    { statusCode: 400, code: 'parameter_missing', param: 'amount' },
  ],
  [
    'an amount that is no integer',
    (stripe) => stripe.paymentIntents.create({ ...euros, amount: 19.99 }),
    { statusCode: 400, code: 'parameter_invalid_integer', param: 'amount' },
  ],
  [
    'nothing',
    (stripe) => stripe.paymentIntents.create({ ...euros, amount: 0 }),
    { statusCode: 400, code: 'parameter_invalid_integer', param: 'amount' },
  ],
  [
    'less than a charge costs',
    (stripe) => stripe.paymentIntents.create({ ...euros, amount: 49 }),
    { statusCode: 400, code: 'amount_too_small' },
  ],
  [
    'more than fits',
    (stripe) => stripe.paymentIntents.create({ ...euros, amount: 100_000_000 }),
    { statusCode: 400, code: 'amount_too_large' },
  ],
  [
    'a currency that is none',
    (stripe) => stripe.paymentIntents.create({ ...euros, currency: 'xyz' }),
    { statusCode: 400, param: 'currency' },
  ],
  [
    'an unknown parameter',
    (stripe) => stripe.rawRequest('POST', '/v1/payment_intents', { ...euros, colour: 'red' }),
    { statusCode: 400, code: 'parameter_unknown', param: 'colour' },
  ],
  [
    'an intent that is not there',
    (stripe) => stripe.paymentIntents.retrieve('pi_nowhere'),
    { statusCode: 404, code: 'resource_missing', param: 'intent' },
  ],
  [
    'a card that is not there',
    (stripe) => stripe.paymentIntents.create({ ...euros, payment_method: 'pm_nowhere', confirm: true }),
    { code: 'resource_missing', param: 'payment_method' },
  ],
  [
    'a confirmation without a card',
    async (stripe) => stripe.paymentIntents.confirm((await stripe.paymentIntents.create(euros)).id),
    { statusCode: 400, code: 'payment_intent_unexpected_state' },
  ],
  [
    'an object where there is none to show',
    (stripe) => stripe.paymentIntents.create({ ...euros, expand: ['amount'] }),
    { statusCode: 400 },
  ],
  [
    'a path that leads nowhere',
    (stripe) => stripe.rawRequest('POST', '/v1/nothing'),
    { statusCode: 404, rawType: 'invalid_request_error' },
  ],
])('%s is refused as at Stripe', async (_, ask, refusal) => {
  const error = await refusalOf(ask(client()))
  expect(error).toMatchObject(refusal)
  expect(error.rawType).toBe('invalid_request_error')
  expect(error.message).not.toBe('')
  expect(error.requestId).toMatch(/^req_/)
  expect(error.headers?.['stripe-should-retry']).not.toBe('true')
})

test('who has no key, or a wrong one, gets nowhere', async () => {
  const wrong = clientOf(root(), 'sk_test_wrong')
  expect(await refusalOf(wrong.paymentIntents.list())).toMatchObject({
    type: 'StripeAuthenticationError',
    statusCode: 401,
  })
  const { status } = await fetch(`${root()}/v1/payment_intents`)
  expect(status).toBe(401)
})

test('names in brackets that would change what all objects are stay what they are: names', async () => {
  const { id } = await client().paymentIntents.create({ ...euros, metadata: { constructor: 'a' } })
  expect((await client().paymentIntents.retrieve(id)).metadata).toEqual({ constructor: 'a' })
})
