import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, it } from 'vitest'
import { ann, bob, minutesAfterNoon, noon, teapot } from '../../domain/controls.ts'
import { OrderId } from '../../domain/ids.ts'
import { startStripe } from '../../embedded/stripe/node.ts'
import { begin } from '../../eventstore/metadata.ts'
import { readForwards } from '../../eventstore/read.ts'
import { streamOf } from '../../eventstore/stream.ts'
import { writerOf } from '../../eventstore/transact.ts'
import { line, newOrder } from '../../orders/controls.ts'
import { cancel, confirmReservation } from '../../orders/lifecycle.ts'
import { order, place } from '../../orders/order.ts'
import type { NewOrder } from '../../orders/order.ts'
import { startEventStore } from '../../tests/startEventStore.ts'
import { payment } from '../payment.ts'
import { cardCommands } from './commands.ts'
import type { CardCommandOptions } from './commands.ts'
import { closeUnstarted, startCard } from './decisions.ts'
import { charge } from './controls.ts'
import type { Intent } from './intent.ts'
import { orderReader } from './order.ts'
import { cardProcessor } from './processor.ts'

const { client } = await startEventStore()
const server = await startStripe()
afterAll(() => server.close())

const processor = cardProcessor({
  settings: { STRIPE_SECRET_KEY: server.key, STRIPE_API_ROOT: server.url },
  observer: { called: () => undefined },
  clock: () => 0,
})
const writing = { client, now: () => noon, newId: randomUUID }
const orders = writerOf(order, writing)
const payments = writerOf(payment, writing)
const cause = begin('request', ann)

const commands = (more: Partial<CardCommandOptions> = {}) =>
  cardCommands({ payments, processor, order: orderReader(client), now: () => noon, ...more })
const pay = (orderId: OrderId, { now = noon, by = ann } = {}) =>
  commands({ now: () => now }).createCardPayment({ orderId, isAllowed: (owner) => owner === by }, cause)

/** Ann orders something for 1.00 EUR, to be paid by card by ten past noon. */
const placed = async (more: Partial<NewOrder> = {}) => {
  const orderId = OrderId.parse(randomUUID())
  const wanted = { ...newOrder(), orderId, paymentMethod: 'CARD', ...more } as const
  await orders.transact(orderId, place(wanted), { cause })
  return orderId
}
const storyOf = async (orderId: OrderId) =>
  (await Array.fromAsync(readForwards(client, streamOf(payment, orderId), 0))).map(({ type }) => type)

describe('paying an order by card', () => {
  it('is for its own customer, once all is reserved and until its deadline', async () => {
    const orderId = await placed({ lines: [line(teapot)] })
    const refused = async (asked: ReturnType<typeof pay>) => (await asked).refused?.code
    expect(await refused(pay(orderId))).toBe('NOT_RESERVED')
    await orders.transact(orderId, confirmReservation(), { cause })
    expect(await refused(pay(orderId, { by: bob }))).toBe('NO_ORDER')
    expect(await refused(pay(orderId, { now: minutesAfterNoon(10.1) }))).toBe('DEADLINE_PASSED')
    expect(await storyOf(orderId)).toEqual([])
    expect(await refused(pay(orderId, { now: minutesAfterNoon(10) }))).toBeUndefined()
    await orders.transact(orderId, cancel('CUSTOMER'), { cause })
    expect(await refused(pay(orderId))).toBe('ORDER_OVER')
  })

  it('is the same payment, however many ask for it at once', async () => {
    const orderId = await placed()
    const answers = await Promise.all(Array.from({ length: 5 }, () => pay(orderId)))
    const secrets = answers.map((answer) => (answer.refused ? answer.refused.code : answer.clientSecret))
    expect(new Set(secrets).size).toBe(1)
    expect(await storyOf(orderId)).toEqual(['CardPaymentStarted'])
  })

  /** Something happens between the processor's answer and our append. */
  const meanwhile = async (orderId: OrderId, happens: () => Promise<unknown>) => {
    let created: Intent | undefined
    const slow: CardCommandOptions['processor'] = {
      intent: (id) => processor.intent(id),
      cancelIntent: (id) => processor.cancelIntent(id),
      createIntent: async (wanted) => {
        created = await processor.createIntent(wanted)
        await happens()
        return created
      },
    }
    const answer = await commands({ processor: slow }).createCardPayment(
      { orderId, isAllowed: () => true },
      cause,
    )
    if (!created) throw new Error('nothing was created')
    return { answer, created: await processor.intent(created.id) }
  }

  it('is nobody’s when the order ends in the middle of it', async () => {
    const orderId = await placed()
    const ending = () => payments.transact(orderId, closeUnstarted({ orderId, customerId: ann }), { cause })
    const { answer, created } = await meanwhile(orderId, ending)
    expect(answer.refused).toEqual({ code: 'ORDER_OVER' })
    expect(created.status).toBe('canceled')
    expect(await storyOf(orderId)).toEqual(['PaymentCancelled'])
  })

  it('is the one that was begun first', async () => {
    const orderId = await placed()
    const other = await processor.createIntent({
      amount: newOrder().price,
      metadata: {},
      idempotencyKey: randomUUID(),
    })
    const starting = () => payments.transact(orderId, startCard({ ...charge(other.id), orderId }), { cause })
    const { answer, created } = await meanwhile(orderId, starting)
    expect(answer).toMatchObject({ paymentId: orderId, clientSecret: other.clientSecret })
    expect(created.status).toBe('canceled')
  })
})
