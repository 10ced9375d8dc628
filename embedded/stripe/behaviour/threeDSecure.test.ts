import { expect, onTestFinished, test } from 'vitest'
import { startStripe } from '../node.ts'
import { receiver } from './receiver.ts'
import { clientOf, refusalOf } from './server.ts'

const euros = { amount: 1_999, currency: 'eur', allowed_payment_method_types: ['card'] }
const secret = 'whsec_test'

const node = async () => {
  const listener = await receiver(secret)
  const started = await startStripe({ webhook: listener.url, webhookSecret: secret })
  onTestFinished(started.close)
  return {
    ...started,
    listener,
    stripe: clientOf(started.url, started.key),
    browser: clientOf(started.url, started.publishableKey),
  }
}

test.each(['pm_card_threeDSecure2Required', 'pm_card_authenticationRequired'])(
  '%s is charged after the holder has proved who they are',
  async (payment_method) => {
    const { stripe, control, listener } = await node()
    const { id } = await stripe.paymentIntents.create(euros)
    const waiting = await stripe.paymentIntents.confirm(id, {
      payment_method,
      return_url: 'https://shop.example/thanks?cart=1',
    })
    expect(waiting).toMatchObject({
      status: 'requires_action',
      latest_charge: null,
      next_action: {
        type: 'redirect_to_url',
        redirect_to_url: { return_url: 'https://shop.example/thanks?cart=1' },
      },
    })
    expect(await control.authenticate(id, 'succeed')).toBe('succeeded')
    expect(await stripe.paymentIntents.retrieve(id, { expand: ['latest_charge'] })).toMatchObject({
      status: 'succeeded',
      next_action: null,
      latest_charge: { payment_method_details: { card: { three_d_secure: { result: 'authenticated' } } } },
    })
    await expect
      .poll(() => listener.types().toSorted())
      .toEqual([
        'charge.succeeded',
        'payment_intent.created',
        'payment_intent.requires_action',
        'payment_intent.succeeded',
      ])
  },
)

test('who fails to prove it is not charged, and may try again', async () => {
  const { stripe, control, listener } = await node()
  const { id } = await stripe.paymentIntents.create({
    ...euros,
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
  })
  expect(await control.authenticate(id, 'fail')).toBe('requires_payment_method')
  expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
    last_payment_error: { code: 'payment_intent_authentication_failure', type: 'card_error' },
    latest_charge: null,
  })
  await expect.poll(listener.types).toContain('payment_intent.payment_failed')
  await expect(control.authenticate(id, 'succeed')).rejects.toThrow('400')
  const again = await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
  expect(again.status).toBe('succeeded')
})

test('canceled while the holder is asked, nothing is charged any more', async () => {
  const { stripe, control } = await node()
  const { id } = await stripe.paymentIntents.create({
    ...euros,
    payment_method: 'pm_card_threeDSecure2Required',
    confirm: true,
  })
  expect((await stripe.paymentIntents.cancel(id)).status).toBe('canceled')
  await expect(control.authenticate(id, 'succeed')).rejects.toThrow('400')
  expect((await stripe.charges.list({ payment_intent: id })).data).toEqual([])
})

test('with nobody there to prove anything, the card is declined', async () => {
  const { stripe } = await node()
  const asked = stripe.paymentIntents.create({
    ...euros,
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
    off_session: true,
  })
  expect(await refusalOf(asked)).toMatchObject({ statusCode: 402, code: 'authentication_required' })
})

test('a browser confirms with the client secret, is sent to a page, and back to the shop from there', async () => {
  const { stripe, browser } = await node()
  const { id, client_secret } = await stripe.paymentIntents.create(euros)
  const wanted = {
    payment_method: 'pm_card_threeDSecure2Required',
    return_url: 'https://shop.example/thanks?cart=1',
  }
  const secretOf = (value: string | null) => ({ client_secret: value ?? '' })
  for (const wrong of [{}, secretOf(`${id}_secret_guess`)])
    expect(await refusalOf(browser.paymentIntents.confirm(id, { ...wanted, ...wrong }))).toMatchObject({
      statusCode: 400,
      param: 'client_secret',
    })
  for (const forbidden of [browser.paymentIntents.cancel(id), browser.refunds.create({ payment_intent: id })])
    expect(await refusalOf(forbidden)).toMatchObject({ statusCode: 403, code: 'secret_key_required' })

  const { next_action } = await browser.paymentIntents.confirm(id, { ...wanted, ...secretOf(client_secret) })
  const page = next_action?.redirect_to_url?.url ?? ''
  const shown = await fetch(page)
  expect(shown.headers.get('content-type')).toContain('text/html')
  expect(await shown.text()).toContain('Complete authentication')
  const answered = await fetch(page, {
    method: 'POST',
    body: new URLSearchParams({ outcome: 'succeed' }),
    redirect: 'manual',
  })
  expect(answered.status).toBe(303)
  const back = new URL(answered.headers.get('location') ?? '')
  expect(`${back.origin}${back.pathname}`).toBe('https://shop.example/thanks')
  expect(Object.fromEntries(back.searchParams)).toEqual({
    cart: '1',
    payment_intent: id,
    payment_intent_client_secret: client_secret,
    redirect_status: 'succeeded',
  })
  expect(await (await fetch(page)).text()).toContain('nothing left to do')
  expect((await browser.paymentIntents.retrieve(id, secretOf(client_secret))).status).toBe('succeeded')
  expect((await fetch(page.replace(/secret_\w+/, 'secret_guess'))).status).toBe(404)
})
