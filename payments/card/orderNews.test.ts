import fc from 'fast-check'
import { randomUUID } from 'node:crypto'
import { Stripe } from 'stripe'
import { afterAll, describe, expect, it } from 'vitest'
import { ann } from '../../domain/controls.ts'
import { OrderId, RefundId } from '../../domain/ids.ts'
import { startStripe } from '../../embedded/stripe/node.ts'
import { begin } from '../../eventstore/metadata.ts'
import { readForwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { newOrder } from '../../orders/controls.ts'
import { order, place } from '../../orders/order.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { payment } from '../payment.ts'
import type { Intent } from './intent.ts'
import { ofOrder, ofRefund } from './metadata.ts'
import type { CardNews } from './news.ts'
import { orderReader } from './order.ts'
import { orderNews } from './orderNews.ts'
import { cardProcessor } from './processor.ts'

const { client } = await startEventStore()
const server = await startStripe()
afterAll(() => server.close())

const stripe = new Stripe(server.key, { host: '127.0.0.1', port: server.port, protocol: 'http' })
const processor = cardProcessor({
  settings: { STRIPE_SECRET_KEY: server.key, STRIPE_API_ROOT: server.url },
  observer: { called: () => undefined },
  clock: () => 0,
})
const writing = { client, now: () => new Date(), newId: randomUUID }
const orders = writerOf(order, writing)
const bounced: OrderId[] = []
const tell = orderNews({
  payments: writerOf(payment, writing),
  processor,
  order: orderReader(client),
  bounced: (orderId) => bounced.push(orderId),
})
const cause = begin('request', 'somebody')

/** An order of 1.00 EUR, by card, and its intent. */
const bought = async () => {
  const orderId = OrderId.parse(randomUUID())
  await orders.transact(orderId, place({ ...newOrder(), orderId, paymentMethod: 'CARD' }), { cause })
  const metadata = ofOrder(orderId, ann)
  const amount = { amount: 100, currency: 'EUR' }
  return { orderId, intent: await processor.createIntent({ amount, metadata, idempotencyKey: orderId }) }
}
const confirm = ({ id }: Intent, card = 'pm_card_visa') =>
  stripe.paymentIntents.confirm(id, { payment_method: card })
const news = (kind: CardNews['kind'], intent: Intent, n = 1): CardNews => ({
  kind,
  intent,
  eventId: `evt_${intent.id}_${kind}_${n}`,
  at: new Date(Date.UTC(2026, 0, 2, 12, 0, n)).toISOString(),
})
const storyOf = async (orderId: OrderId) =>
  (await Array.fromAsync(readForwards(client, streamOf(payment, orderId), 0))).map(({ type }) => type)

describe('what the processor tells of an order’s payment', () => {
  it('ends in the same, in whatever order it comes and however often', { timeout: 60_000 }, () =>
    fc.assert(
      fc.asyncProperty(
        fc.shuffledSubarray([0, 1, 2, 3, 4, 0, 1, 2, 3, 4], { minLength: 10 }),
        async (sequence) => {
          const { orderId, intent } = await bought()
          await expect(confirm(intent, 'pm_card_visa_chargeDeclined')).rejects.toThrow()
          const declined = await processor.intent(intent.id)
          await confirm(intent)
          const paid = await processor.intent(intent.id)
          await stripe.refunds.create({ payment_intent: intent.id, amount: 30 })
          const all = [
            news('DECLINED', declined, 1),
            news('DECLINED', declined, 2),
            news('SUCCEEDED', paid),
            news('REFUNDED', paid, 1),
            news('REFUNDED', paid, 2),
          ]
          for (const n of sequence) {
            const each = all[n]
            if (each) expect(await tell(each, cause)).toBe('handled')
          }
          const story = await storyOf(orderId)
          // Declines that are told of after the money are of no interest any more.
          expect(story.filter((type) => type !== 'CardDeclined')).toEqual([
            'PaymentSucceeded',
            'PaymentRefunded',
          ])
          expect(story.filter((type) => type === 'CardDeclined').length).toBeLessThanOrEqual(2)
        },
      ),
      { numRuns: 12 },
    ),
  )

  it('is nothing to us if it is about an order of the wallet, or about none', async () => {
    const { orderId, intent } = await bought()
    const byWallet = OrderId.parse(randomUUID())
    await orders.transact(byWallet, place({ ...newOrder(), orderId: byWallet }), { cause })
    await confirm(intent)
    const paid = await processor.intent(intent.id)
    for (const order_id of [byWallet, randomUUID(), 'nonsense'])
      expect(await tell(news('SUCCEEDED', { ...paid, metadata: { order_id } }), cause)).toBe('foreign')
    for (const id of [byWallet, orderId]) expect(await storyOf(id)).toEqual([])
  })

  it('is refused if another sum was paid', async () => {
    const { orderId, intent } = await bought()
    await confirm(intent)
    const paid = await processor.intent(intent.id)
    for (const wrong of [{ received: 99 }, { received: 101 }, { currency: 'USD' }])
      await expect(tell(news('SUCCEEDED', { ...paid, ...wrong }), cause)).rejects.toThrow(
        /which costs 100 EUR/,
      )
    expect(await storyOf(orderId)).toEqual([])
  })

  it('is said aloud if money had gone back to a card, and the bank sends it to the shop again', async () => {
    const { orderId, intent } = await bought()
    await confirm(intent, 'pm_card_refundFail')
    const refundId = RefundId.parse(randomUUID())
    const metadata = { ...ofOrder(orderId, ann), ...ofRefund(refundId, 'REQUESTED') }
    const amount = { amount: 100, currency: 'EUR' }
    const refund = await processor.refund({ intentId: intent.id, amount, metadata, idempotencyKey: refundId })
    const paid = await processor.intent(intent.id)
    await tell(news('REFUNDED', paid, 1), cause)
    expect(bounced).toEqual([])
    await server.control.settle(refund.id, 'failed')
    await tell(news('REFUNDED', paid, 2), cause)
    expect(bounced).toEqual([orderId])
    expect(await storyOf(orderId)).toEqual(['PaymentSucceeded', 'PaymentRefunded'])
  })
})
