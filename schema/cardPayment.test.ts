import { Stripe } from 'stripe'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import { OrderId } from '../domain/ids.ts'
import type { UserId } from '../domain/ids.ts'
import { startStripe } from '../embedded/stripe/node.ts'
import { begin } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { writerOf } from '../eventstore/transact.ts'
import { orderCommands } from '../orders/commands.ts'
import { order } from '../orders/order.ts'
import { payment } from '../payments/payment.ts'
import { startNodes } from '../tests/startNodes.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
let processor: Awaited<ReturnType<typeof startStripe>>
/** The processor's own dashboard, and the customer's browser. */
let stripe: Stripe
beforeAll(async () => {
  const nodes = await startNodes()
  processor = await startStripe()
  const { key: STRIPE_SECRET_KEY, url: STRIPE_API_ROOT, webhookSecret: STRIPE_WEBHOOK_SECRET } = processor
  api = await startTestApi({
    ...nodes,
    charging: true,
    cards: { STRIPE_SECRET_KEY, STRIPE_API_ROOT, STRIPE_WEBHOOK_SECRET },
  })
  await processor.control.deliverTo(webhook())
  stripe = new Stripe(STRIPE_SECRET_KEY, { host: '127.0.0.1', port: processor.port, protocol: 'http' })
  stop = async () => {
    await processor.close()
    await api.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const webhook = () => api.url.replace('/graphql', '/payments/webhook')
const WAIT = { timeout: 15_000 }

const Answer = z.object({
  answer: z.looseObject({
    __typename: z.string(),
    id: z.string().optional(),
    clientSecret: z.string().optional(),
  }),
})
const mutate = async (user: UserId, name: string, type: string, input: object, role = 'USER') => {
  const query = `mutation ($input: ${type}!) { answer: ${name}(input: $input) { __typename
    ... on Refusal { message } ... on Order { id } ... on CardPayment { paymentId clientSecret consistencyToken } } }`
    // Only what the mutation may answer can be asked for.
    .replace(name === 'createCardPayment' ? '... on Order { id }' : /\.\.\. on CardPayment \{.*?\}/, '')
  const { data, errors } = await api.ask(user, query, { input }, { 'x-user-role': role })
  if (errors) throw new Error(JSON.stringify(errors))
  return Answer.parse(data).answer
}

/** Somebody orders a book for 19.99 EUR, to be paid by card. */
const place = async (user: UserId, price = { amount: 1_999, currency: 'EUR' }, paymentMethod = 'CARD') => {
  const input = { price, description: 'a book', paymentMethod, idempotencyKey: randomUUID() }
  const { id } = await mutate(user, 'placeOrder', 'PlaceOrderInput', input)
  return OrderId.parse(id)
}
const createCardPayment = (user: UserId, orderId: string) =>
  mutate(user, 'createCardPayment', 'CreateCardPaymentInput', { orderId, idempotencyKey: 'pay' })

/** The intent's id, for whoever has its secret. */
const begun = async (user: UserId, orderId: OrderId) => {
  const { clientSecret = '' } = await createCardPayment(user, orderId)
  expect(clientSecret).toMatch(/^pi_\w+_secret_\w+$/)
  return clientSecret.replace(/_secret_.*/, '')
}
/** An order of somebody, and the intent that pays it. */
const placedAndBegun = async (user: UserId) => {
  const orderId = await place(user)
  return { orderId, intent: await begun(user, orderId) }
}
const confirm = (intent: string, card = 'pm_card_visa') =>
  stripe.paymentIntents.confirm(intent, { payment_method: card, return_url: 'http://127.0.0.1/' })
const declinedWith = async (intent: string, card: string) => {
  await expect(confirm(intent, card)).rejects.toThrow(Stripe.errors.StripeCardError)
}
const intentNow = async (intent: string) => (await stripe.paymentIntents.retrieve(intent)).status

const cancel = (user: UserId, orderId: OrderId) =>
  mutate(user, 'cancelOrder', 'CancelOrderInput', { orderId, idempotencyKey: 'cancel' })
const refund = (orderId: OrderId, amount?: number, idempotencyKey: string = randomUUID()) =>
  mutate(
    person(),
    'refundOrder',
    'RefundOrderInput',
    { orderId, idempotencyKey, ...(amount ? { amount: { amount, currency: 'EUR' } } : {}) },
    'ADMIN',
  )

const Read = z.object({
  order: z.looseObject({ status: z.string() }),
  payment: z.looseObject({ status: z.string() }),
})
const read = async (user: UserId, id: OrderId) => {
  const query = `query ($id: ID!) {
    order(id: $id) { status refunded { amount } failure { reason declineCode message } }
    payment(orderId: $id) { status method refunded { amount } history { status cause } } }`
  return Read.parse((await api.ask(user, query, { id })).data)
}
/** Waits until the read models show it so. */
const becomes = (user: UserId, id: OrderId, order: object, payment: object) =>
  expect.poll(() => read(user, id), WAIT).toMatchObject({ order, payment })

const storyOf = async (id: OrderId) => ({
  order: (await Array.fromAsync(readForwards(api.client, streamOf(order, id), 0))).map(({ type }) => type),
  payment: (await Array.fromAsync(readForwards(api.client, streamOf(payment, id), 0))).map(
    ({ type }) => type,
  ),
})
/** All that the processor has to tell is told. */
const allTold = () =>
  expect
    .poll(async () => {
      const { waiting, inFlight } = await processor.control.webhooks()
      return waiting + inFlight
    }, WAIT)
    .toBe(0)

describe('an order that is paid by card', () => {
  it('waits for its customer, who pays it once', async () => {
    const ann = person()
    const orderId = await place(ann)
    const first = await createCardPayment(ann, orderId)
    expect(first).toMatchObject({ __typename: 'CardPayment', paymentId: orderId })
    const { clientSecret } = await createCardPayment(ann, orderId)
    expect(clientSecret).toBe(first.clientSecret)
    await confirm(await begun(ann, orderId))
    await becomes(ann, orderId, { status: 'PAID', refunded: null }, { status: 'SUCCEEDED', method: 'CARD' })
    expect((await read(ann, orderId)).payment).toMatchObject({
      history: [
        { status: 'PENDING', cause: 'order placed' },
        { status: 'PENDING', cause: 'begun at the card processor' },
        { status: 'SUCCEEDED', cause: 'card charged' },
      ],
    })
    expect(await createCardPayment(ann, orderId)).toMatchObject({ __typename: 'OrderAlreadyPaid' })
  })

  it('may be paid with another card when one was declined', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await declinedWith(intent, 'pm_card_visa_chargeDeclinedInsufficientFunds')
    await expect
      .poll(() => storyOf(orderId), WAIT)
      .toMatchObject({
        order: ['OrderPlaced', 'OrderCardDeclined'],
      })
    await confirm(intent)
    await becomes(ann, orderId, { status: 'PAID' }, { status: 'SUCCEEDED' })
    expect((await storyOf(orderId)).payment).toEqual([
      'CardPaymentStarted',
      'CardDeclined',
      'PaymentSucceeded',
    ])
  })

  it('is paid when its customer has proved who they are (3-D Secure)', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    expect((await confirm(intent, 'pm_card_authenticationRequired')).status).toBe('requires_action')
    expect(await processor.control.authenticate(intent, 'succeed')).toBe('succeeded')
    await becomes(ann, orderId, { status: 'PAID' }, { status: 'SUCCEEDED' })
  })

  it('tells its story in words', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await declinedWith(intent, 'pm_card_visa_chargeDeclined')
    await expect.poll(() => storyOf(orderId), WAIT).toMatchObject({ order: { length: 2 } })
    await confirm(intent)
    await expect.poll(() => storyOf(orderId), WAIT).toMatchObject({ order: { length: 3 } })
    const { data } = await api.ask(ann, '{ orderHistory(id: "$id") { text } }'.replace('$id', orderId))
    const { orderHistory } = z.object({ orderHistory: z.array(z.object({ text: z.string() })) }).parse(data)
    expect(orderHistory.map(({ text }) => text)).toEqual([
      'The order was placed, for 19.99 EUR.',
      'A payment by card was begun.',
      'The card was declined (generic decline).',
      'The declined card is on the order’s record.',
      'The payment of 19.99 EUR succeeded.',
      'The order is paid.',
    ])
  })
})

describe('an order that ends unpaid', () => {
  it('can’t be paid any more when its customer has cancelled it', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await cancel(ann, orderId)
    await becomes(ann, orderId, { status: 'CANCELLED' }, { status: 'CANCELLED' })
    expect(await intentNow(intent)).toBe('canceled')
    expect(await createCardPayment(ann, orderId)).toMatchObject({ __typename: 'OrderNotPayable' })
    await allTold()
    expect(await storyOf(orderId)).toEqual({
      order: ['OrderPlaced', 'OrderCancelled'],
      payment: ['CardPaymentStarted', 'PaymentCancelled'],
    })
  })

  it('can’t be begun to be paid either', async () => {
    const ann = person()
    const orderId = await place(ann)
    await cancel(ann, orderId)
    await becomes(ann, orderId, { status: 'CANCELLED' }, { status: 'CANCELLED' })
    expect((await storyOf(orderId)).payment).toEqual(['PaymentCancelled'])
  })

  it('gives the money back of a card that was faster, whoever is told of it first', async () => {
    await processor.control.misbehave({ withhold: 1 })
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await confirm(intent)
    await cancel(ann, orderId)
    await becomes(ann, orderId, { status: 'CANCELLED' }, { status: 'REFUNDED', refunded: { amount: 1_999 } })
    await processor.control.misbehave({})
    await processor.control.release()
    await allTold()
    expect(await storyOf(orderId)).toEqual({
      order: ['OrderPlaced', 'OrderCancelled', 'OrderPaymentDeclined'],
      payment: ['CardPaymentStarted', 'PaymentSucceeded', 'PaymentRefunded'],
    })
  })

  it('has failed when somebody cancels its payment at the processor', async () => {
    const ann = person()
    const { orderId, intent } = await placedAndBegun(ann)
    await stripe.paymentIntents.cancel(intent)
    await becomes(
      ann,
      orderId,
      {
        status: 'FAILED',
        failure: {
          reason: 'CARD_PAYMENT_CANCELLED',
          message: 'The payment by card was cancelled at the card processor.',
        },
      },
      { status: 'FAILED' },
    )
  })
})

describe('the payment deadline', () => {
  const placeFor = async (user: UserId, paymentTimeout: number) => {
    const writing = { client: api.client, now: () => new Date(), newId: randomUUID }
    const { placeOrder } = orderCommands({
      ...writing,
      orders: writerOf(order, writing),
      catalogue: builtInCatalogue(),
      paymentTimeout,
    })
    const content = { price: { amount: 1_999, currency: 'EUR' }, description: 'a book' }
    const answer = await placeOrder(
      { ...content, customerId: user, paymentMethod: 'CARD', idempotencyKey: randomUUID() },
      begin(randomUUID(), user),
    )
    if (answer.refused) throw new Error(answer.refused.code)
    return answer.order.orderId
  }

  it('cancels what nobody tried to pay, and fails what a card was declined for', async () => {
    const ann = person()
    const [idle, declined] = await Promise.all([placeFor(ann, 3_000), placeFor(ann, 3_000)])
    const [idleIntent, intent] = await Promise.all([begun(ann, idle), begun(ann, declined)])
    await declinedWith(intent, 'pm_card_visa_chargeDeclinedLostCard')
    await becomes(ann, idle, { status: 'CANCELLED' }, { status: 'CANCELLED' })
    await becomes(
      ann,
      declined,
      { status: 'FAILED', failure: { reason: 'CARD_DECLINED', declineCode: 'lost_card' } },
      { status: 'FAILED' },
    )
    expect(await Promise.all([idleIntent, intent].map(intentNow))).toEqual(['canceled', 'canceled'])
  })
})

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

describe('an order that can’t be paid by card', () => {
  it('is refused with the reason', async () => {
    const ann = person()
    const mine = await place(ann)
    const kind = async (user: UserId, id: string) => (await createCardPayment(user, id)).__typename
    expect(await kind(person(), mine)).toBe('OrderNotFound')
    expect(await kind(ann, randomUUID())).toBe('OrderNotFound')
    const byWallet = await place(ann, { amount: 1_999, currency: 'EUR' }, 'WALLET')
    expect(await kind(ann, byWallet)).toBe('OrderNotByCard')
    expect(await kind(ann, await place(ann, { amount: 1_999, currency: 'ISK' }))).toBe('NotChargeable')
    expect(await kind(ann, await place(ann, { amount: 1, currency: 'EUR' }))).toBe('NotChargeable')
    expect(await kind(ann, await place(ann, { amount: 1_999, currency: 'XDR' }))).toBe('NotChargeable')
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
