import { describe, expect, onTestFinished, test } from 'vitest'
import { startStripe } from '../node.ts'
import { clientOf, isOwn, refusalOf, stripeUnderTest } from './server.ts'

const { client } = stripeUnderTest()
const euros = { amount: 1_999, currency: 'eur', allowed_payment_method_types: ['card'] }
const newKey = () => ({ idempotencyKey: crypto.randomUUID() })

test('the same key and parameters have the same answer, and make one intent', async () => {
  const stripe = client()
  const key = newKey()
  const first = await stripe.paymentIntents.create({ ...euros, metadata: { a: '1', b: '2' } }, key)
  await stripe.paymentIntents.cancel(first.id)
  const again = await stripe.paymentIntents.create({ ...euros, metadata: { b: '2', a: '1' } }, key)
  expect(again).toEqual(first)
  expect(again.lastResponse.headers['idempotent-replayed']).toBe('true')
  expect(again.lastResponse.headers['original-request']).toBe(first.lastResponse.requestId)
})

test('a refusal of a card is an answer, too', async () => {
  const stripe = client()
  const { id } = await stripe.paymentIntents.create(euros)
  const key = newKey()
  const declined = () =>
    refusalOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa_chargeDeclined' }, key))
  const [first, second] = [await declined(), await declined()]
  expect(second).toMatchObject({ code: 'card_declined', message: first.message })
  expect(second.headers?.['idempotent-replayed']).toBe('true')
  expect((await stripe.charges.list({ payment_intent: id })).data).toHaveLength(1)
})

test('a request that made no sense leaves its key free', async () => {
  const key = newKey()
  expect(await refusalOf(client().paymentIntents.create({ ...euros, amount: 1.5 }, key))).toMatchObject({
    code: 'parameter_invalid_integer',
  })
  expect((await client().paymentIntents.create(euros, key)).amount).toBe(1_999)
})

test.each([
  ['parameters', { ...euros, amount: 2_000 }],
  ['more parameters', { ...euros, metadata: { a: '1' } }],
])('the same key with other %s is refused', async (_, other) => {
  const key = newKey()
  await client().paymentIntents.create(euros, key)
  expect(await refusalOf(client().paymentIntents.create(other, key))).toMatchObject({
    type: 'StripeIdempotencyError',
    statusCode: 400,
  })
})

test('the same key for another path is refused', async () => {
  const stripe = client()
  const key = newKey()
  const { id } = await stripe.paymentIntents.create(euros, key)
  expect(await refusalOf(stripe.paymentIntents.cancel(id, {}, key))).toMatchObject({
    type: 'StripeIdempotencyError',
  })
})

describe.runIf(isOwn)('when something goes wrong on the way', () => {
  const node = async (now: () => number = Date.now) => {
    const started = await startStripe({ now })
    let closing: Promise<void> | undefined
    const close = () => (closing ??= started.close())
    onTestFinished(close)
    return { ...started, close, stripe: clientOf(started.url, started.key) }
  }

  test('a key is forgotten after a day', async () => {
    let now = Date.now()
    const { stripe } = await node(() => now)
    const key = newKey()
    const { id } = await stripe.paymentIntents.create(euros, key)
    now += 23 * 3_600_000
    expect((await stripe.paymentIntents.create(euros, key)).id).toBe(id)
    now += 2 * 3_600_000
    expect((await stripe.paymentIntents.create(euros, key)).id).not.toBe(id)
  })

  test('a key that is in use is refused, and clients are told to ask again', async () => {
    const { stripe, control } = await node()
    const key = newKey()
    await control.disturb({ rules: [{ do: 'late', ms: 1_000, times: 1 }], seed: 3 })
    const asked = await Promise.allSettled([
      stripe.paymentIntents.create(euros, key),
      refusalOf(stripe.paymentIntents.create(euros, key)),
    ])
    const [made, refused] = asked
    expect(made.status).toBe('fulfilled')
    expect(refused).toMatchObject({
      value: { statusCode: 409, code: 'idempotency_key_in_use', headers: { 'stripe-should-retry': 'true' } },
    })
  })

  test('a lost answer is had again by the same key, and the work is done once', async () => {
    const { stripe, url, key: secret, control } = await node()
    await control.disturb({ rules: [{ do: 'lose', path: '/v1/payment_intents', times: 1 }] })
    const retrying = clientOf(url, secret, { maxNetworkRetries: 2 })
    const made = await retrying.paymentIntents.create(euros, newKey())
    expect(made.lastResponse.headers['idempotent-replayed']).toBe('true')
    expect(await control.troubled()).toEqual({ late: 0, fail: 0, lose: 1, hold: 0 })
    expect((await stripe.paymentIntents.list()).data.map(({ id }) => id)).toEqual([made.id])
  })

  test('an answer is held back when everything is done', async () => {
    const { stripe, control, close } = await node()
    await control.disturb({ rules: [{ do: 'hold', ms: 60_000, method: 'POST' }] })
    const asked = stripe.paymentIntents.create(euros)
    const cut = expect(asked).rejects.toThrow()
    await expect.poll(async () => (await stripe.paymentIntents.list()).data.length).toBe(1)
    await close()
    await cut
  })

  test('a failure did nothing, and the next try does it', async () => {
    const { stripe, url, key: secret, control } = await node()
    await control.disturb({ rules: [{ do: 'fail', status: 503, times: 1 }] })
    const refusal = await refusalOf(stripe.paymentIntents.create(euros))
    expect(refusal).toMatchObject({ type: 'StripeAPIError', statusCode: 503 })
    expect((await stripe.paymentIntents.list()).data).toEqual([])
    await control.disturb({ rules: [{ do: 'fail', status: 429, times: 1 }] })
    const made = await clientOf(url, secret, { maxNetworkRetries: 1 }).paymentIntents.create(euros)
    expect(made.status).toBe('requires_payment_method')
  })
})
