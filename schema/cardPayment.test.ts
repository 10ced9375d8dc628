import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { cardOrders } from '../tests/cardOrders.ts'
import { startCardApi, WAIT } from '../tests/startCards.ts'
import { person } from './apiUnderTest.ts'
import { z } from 'zod'
import { builtInCatalogue } from '../catalogue/builtIn/catalogue.ts'
import type { UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { writerOf } from '../eventstore/transact.ts'
import { orderCommands } from '../orders/commands.ts'
import { order } from '../orders/order.ts'

const shop = await startCardApi()
afterAll(() => shop.stop())
const { api, processor, stripe, confirm, declinedWith, allTold } = shop
const { place, createCardPayment, begun, placedAndBegun, intentNow, cancel, read, becomes, storyOf } =
  cardOrders(shop)

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
