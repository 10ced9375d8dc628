import { expect, onTestFinished, test } from 'vitest'
import { Stripe } from 'stripe'
import { startStripe } from '../node.ts'
import { receiver } from './receiver.ts'
import type { Receiver } from './receiver.ts'
import { clientOf, refusalOf } from './server.ts'

const euros: Stripe.PaymentIntentCreateParams = {
  amount: 1_999,
  currency: 'eur',
  allowed_payment_method_types: ['card'],
}
const secret = 'whsec_test'

/** A node that posts to a receiver. */
const nodeWith = async (listener: Receiver | undefined, now: () => number = Date.now) => {
  const node = await startStripe({
    webhookSecret: secret,
    now,
    ...(listener ? { webhook: listener.url } : {}),
  })
  onTestFinished(node.close)
  return { ...node, stripe: clientOf(node.url, node.key) }
}

test('everything that becomes of an intent is told, signed so that the official package believes it', async () => {
  const listener = await receiver(secret)
  const { stripe } = await nodeWith(listener)
  const { id } = await stripe.paymentIntents.create({ ...euros, metadata: { order_id: '7' } })
  await refusalOf(stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa_chargeDeclined' }))
  const paid = await stripe.paymentIntents.confirm(id, {
    payment_method: 'pm_card_visa',
    expand: ['latest_charge'],
  })
  const charge = typeof paid.latest_charge === 'object' ? paid.latest_charge?.id : undefined
  const refund = await stripe.refunds.create({ payment_intent: id, amount: 999 })
  const other = await stripe.paymentIntents.create(euros)
  await stripe.paymentIntents.cancel(other.id)

  const declined = listener.received.find(({ event }) => event?.type === 'charge.failed')
  await expect
    .poll(() => listener.told().toSorted())
    .toEqual(
      [
        `payment_intent.created ${id}`,
        `charge.failed ${declined?.event?.type === 'charge.failed' ? declined.event.data.object.id : 'none'}`,
        `payment_intent.payment_failed ${id}`,
        `charge.succeeded ${charge}`,
        `payment_intent.succeeded ${id}`,
        `refund.created ${refund.id}`,
        `charge.refunded ${charge}`,
        `payment_intent.created ${other.id}`,
        `payment_intent.canceled ${other.id}`,
      ].toSorted(),
    )
  const succeeded = listener.received.find(({ event }) => event?.type === 'payment_intent.succeeded')?.event
  expect(succeeded).toMatchObject({
    object: 'event',
    api_version: Stripe.API_VERSION,
    livemode: false,
    data: { object: { id, status: 'succeeded', amount_received: 1_999, metadata: { order_id: '7' } } },
  })
  expect(succeeded?.id).toMatch(/^evt_/)

  const kept = await stripe.events.retrieve(succeeded?.id ?? '')
  expect(kept.data).toEqual(succeeded?.data)
  await expect.poll(async () => (await stripe.events.retrieve(kept.id)).pending_webhooks).toBe(0)
  const listed = await stripe.events.list({ type: 'payment_intent.created' })
  expect(listed.data.map(({ data }) => ('id' in data.object ? data.object.id : ''))).toEqual([other.id, id])
})

test('what is not taken is posted again, until it is', async () => {
  const listener = await receiver(secret, (_, count) => (count < 3 ? 500 : 204))
  const { stripe, control } = await nodeWith(listener)
  const { id } = await stripe.paymentIntents.create(euros)
  await expect.poll(listener.told).toEqual(Array.from({ length: 4 }, () => `payment_intent.created ${id}`))
  await expect
    .poll(control.webhooks)
    .toMatchObject({ waiting: 0, inFlight: 0, delivered: 1, failed: { 500: 3 } })
})

test('an event that nobody could take is posted when somebody can', async () => {
  const { stripe, control } = await nodeWith(undefined)
  await stripe.paymentIntents.create(euros)
  await control.deliverTo('http://127.0.0.1:9/nobody')
  const { id } = await stripe.paymentIntents.create(euros)
  await expect.poll(async () => (await control.webhooks()).failed[0]).toBeGreaterThan(0)
  const listener = await receiver(secret)
  await control.deliverTo(listener.url)
  // Nobody was listening yet when the first one was made.
  await expect.poll(listener.told).toEqual([`payment_intent.created ${id}`])
})

test('told to, it sends everything twice', async () => {
  const listener = await receiver(secret)
  const { stripe, control } = await nodeWith(listener)
  await control.misbehave({ duplicate: 1 })
  await stripe.paymentIntents.create(euros)
  await expect.poll(listener.types).toEqual(['payment_intent.created', 'payment_intent.created'])
  expect(new Set(listener.received.map(({ event }) => event?.id)).size).toBe(1)
  await expect.poll(control.webhooks).toMatchObject({ waiting: 0, delivered: 1, copies: 1 })
})

test('told to, it withholds events until they are let go, and sends one again', async () => {
  const listener = await receiver(secret)
  const { stripe, control } = await nodeWith(listener)
  await control.misbehave({ withhold: 1, types: ['payment_intent.succeeded'] })
  const { id } = await stripe.paymentIntents.create({
    ...euros,
    payment_method: 'pm_card_visa',
    confirm: true,
  })
  await expect.poll(async () => (await control.webhooks()).delivered).toBe(2)
  expect(await control.webhooks()).toMatchObject({ waiting: 0, withheld: 1 })
  expect(listener.types().toSorted()).toEqual(['charge.succeeded', 'payment_intent.created'])
  expect(await control.release()).toBe(1)
  await expect.poll(listener.told).toContain(`payment_intent.succeeded ${id}`)

  const event = listener.received.at(-1)?.event?.id ?? ''
  await control.resend(event)
  await expect.poll(() => listener.received.filter((received) => received.event?.id === event).length).toBe(2)
})

test('told to, it sends the newest first', async () => {
  const listener = await receiver(secret)
  const window = 10_000
  let now = Math.ceil(Date.now() / window) * window
  const { stripe, control } = await nodeWith(listener, () => now)
  await control.misbehave({ reorder: window })
  const { id } = await stripe.paymentIntents.create(euros)
  now += 4_000
  await stripe.paymentIntents.cancel(id)
  for (const [passed, type] of [
    [12_000, 'payment_intent.canceled'],
    [4_000, 'payment_intent.created'],
  ] as const) {
    now += passed
    await control.deliverTo(listener.url)
    await expect.poll(() => listener.types().at(-1)).toBe(type)
  }
  expect(listener.types()).toHaveLength(2)
})

test('told to, it sends what must not be believed, beside what may be', async () => {
  const listener = await receiver(secret)
  const { stripe, control } = await nodeWith(listener)
  await control.misbehave({ tamper: 1 })
  const made = new Set<string>()
  for (let n = 0; n < 20; n++) made.add((await stripe.paymentIntents.create(euros)).id)
  await expect
    .poll(control.webhooks)
    .toMatchObject({ waiting: 0, inFlight: 0, delivered: 20, tampered: { 400: 20 } })
  expect(new Set(listener.told())).toEqual(new Set([...made].map((id) => `payment_intent.created ${id}`)))
  expect(listener.received.filter(({ status }) => status === 400)).toHaveLength(20)
})

test('a refund arrives when it is told to, or comes back', async () => {
  const listener = await receiver(secret)
  const { stripe, control } = await nodeWith(listener)
  const paidWith = async (payment_method: string) =>
    (await stripe.paymentIntents.create({ ...euros, payment_method, confirm: true })).id
  const slow = await stripe.refunds.create({ payment_intent: await paidWith('pm_card_pendingRefund') })
  expect(slow).toMatchObject({ status: 'pending', pending_reason: 'processing' })
  expect(await control.settle(slow.id, 'succeeded')).toBe('succeeded')

  const failing = await stripe.refunds.create({ payment_intent: await paidWith('pm_card_refundFail') })
  expect(failing.status).toBe('succeeded')
  await control.settle(failing.id, 'failed')
  expect(await stripe.refunds.retrieve(failing.id, { expand: ['charge'] })).toMatchObject({
    status: 'failed',
    failure_reason: 'expired_or_canceled_card',
    charge: { amount_refunded: 0, refunded: false },
  })
  await expect
    .poll(() =>
      listener
        .told()
        .filter((told) => told.startsWith('refund'))
        .toSorted(),
    )
    .toEqual(
      [
        `refund.created ${slow.id}`,
        `refund.updated ${slow.id}`,
        `refund.created ${failing.id}`,
        `refund.updated ${failing.id}`,
        `refund.failed ${failing.id}`,
      ].toSorted(),
    )
})
