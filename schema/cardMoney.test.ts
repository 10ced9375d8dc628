import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { cardOrders } from '../tests/cardOrders.ts'
import { startCardApi, WAIT } from '../tests/startCards.ts'
import { person } from './apiUnderTest.ts'
import { OrderId } from '../domain/ids.ts'

const shop = await startCardApi()
afterAll(() => shop.stop())
const { processor, stripe, confirm, allTold } = shop
const { place, createCardPayment, begun, placedAndBegun, refund, read, becomes, storyOf } = cardOrders(shop)

describe('money that is given back', () => {
  it('goes to the card, in parts, once for each key', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await confirm(intent)
    await becomes(ann, orderId, { status: 'PAID' }, { status: 'SUCCEEDED' })
    await processor.control.disturb({
      rules: [{ do: 'lose', path: '/v1/refunds', method: 'POST', times: 1 }],
    })
    await refund(orderId, 500, 'part')
    await refund(orderId, 500, 'part')
    await becomes(
      ann,
      orderId,
      { status: 'PAID', refunded: { amount: 500 } },
      { status: 'PARTIALLY_REFUNDED' },
    )
    await refund(orderId)
    await becomes(ann, orderId, { status: 'REFUNDED' }, { status: 'REFUNDED', refunded: { amount: 1_999 } })
    expect((await stripe.refunds.list({ payment_intent: intent })).data.map(({ amount }) => amount)).toEqual(
      expect.arrayContaining([500, 1_499]),
    )
    await allTold()
    expect((await storyOf(orderId)).payment).toEqual([
      'CardPaymentStarted',
      'PaymentSucceeded',
      'PaymentRefunded',
      'PaymentRefunded',
    ])
  })

  it('shows also when somebody asked the processor for it', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await confirm(intent)
    await stripe.refunds.create({ payment_intent: intent, amount: 700 })
    await becomes(
      ann,
      orderId,
      { status: 'PAID', refunded: { amount: 700 } },
      { status: 'PARTIALLY_REFUNDED', refunded: { amount: 700 } },
    )
    expect(await refund(orderId, 1_300)).toMatchObject({ __typename: 'MoreThanRemains' })
    await refund(orderId)
    await becomes(ann, orderId, { status: 'REFUNDED' }, { status: 'REFUNDED' })
  })

  it('counts when it has arrived', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await confirm(intent, 'pm_card_pendingRefund')
    await becomes(ann, orderId, { status: 'PAID' }, { status: 'SUCCEEDED' })
    await refund(orderId, 500)
    const pending = async () => (await stripe.refunds.list({ payment_intent: intent })).data.at(0)?.id
    await expect.poll(pending, WAIT).toMatch(/^re_/)
    await allTold()
    expect(await read(ann, orderId)).toMatchObject({ payment: { status: 'SUCCEEDED' } })
    await processor.control.settle((await pending()) ?? '', 'succeeded')
    await becomes(ann, orderId, { refunded: { amount: 500 } }, { status: 'PARTIALLY_REFUNDED' })
  })
})

describe('a crash or a lost answer', () => {
  it('after the processor’s answer is made good by the same request', async () => {
    const ann = person()
    const orderId = await place(ann)
    const path = '/v1/payment_intents'
    await processor.control.disturb({ rules: [{ do: 'lose', path, method: 'POST', times: 1 }] })
    const intent = await begun(ann, orderId)
    const ours = (await stripe.paymentIntents.list({ limit: 100 })).data.filter(
      ({ metadata }) => metadata['order_id'] === orderId,
    )
    expect(ours.map(({ id }) => id)).toEqual([intent])
  })

  it('before we have put on record that a card may pay: the processor’s word is enough', async () => {
    const ann = person()
    const orderId = await place(ann)
    const { id } = await stripe.paymentIntents.create(
      {
        amount: 1_999,
        currency: 'eur',
        allowed_payment_method_types: ['card'],
        metadata: { purpose: 'order', order_id: orderId, customer_id: ann },
      },
      { idempotencyKey: orderId },
    )
    await confirm(id)
    await becomes(ann, orderId, { status: 'PAID' }, { status: 'SUCCEEDED' })
    expect((await storyOf(orderId)).payment).toEqual(['PaymentSucceeded'])
    expect(await createCardPayment(ann, orderId)).toMatchObject({ __typename: 'OrderAlreadyPaid' })
  })
})

describe('a payment that does not fit its order', () => {
  /** Whoever knows the key of our account can make one; nobody else can. */
  const forged = async (orderId: OrderId, amount: number, currency = 'eur') => {
    const metadata = { purpose: 'order', order_id: orderId }
    const { id } = await stripe.paymentIntents.create({
      amount,
      currency,
      allowed_payment_method_types: ['card'],
      metadata,
    })
    await confirm(id)
    return id
  }
  const refusals = async () => (await processor.control.webhooks()).failed

  it('with another sum is not counted as paid, and is told again and again until somebody looks', async () => {
    const ann = person()
    const [small, foreign] = [await place(ann), await place(ann)]
    const before = (await refusals())['500'] ?? 0
    await forged(small, 1_998)
    await forged(foreign, 1_999, 'usd')
    await expect.poll(async () => ((await refusals())['500'] ?? 0) - before, WAIT).toBeGreaterThanOrEqual(2)
    for (const id of [small, foreign])
      expect(await storyOf(id)).toEqual({ order: ['OrderPlaced'], payment: [] })
  })

  it('for an order that is not ours is none of our business', async () => {
    const before = (await processor.control.webhooks()).delivered
    await forged(OrderId.parse(randomUUID()), 1_999)
    await expect
      .poll(async () => (await processor.control.webhooks()).delivered, WAIT)
      .toBeGreaterThan(before)
  })
})
