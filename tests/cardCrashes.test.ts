import { EventStoreDBClient } from '@eventstore/db-client'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import type { Stripe } from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { httpClient } from '../client/http.ts'
import type { HttpClient } from '../client/http.ts'
import { clientOf } from '../embedded/stripe/behaviour/server.ts'
import { controlOf } from '../embedded/stripe/control/control.ts'
import type { Control } from '../embedded/stripe/control/control.ts'
import { defaultKey } from '../embedded/stripe/defaults.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { differences, processorBooks, shopBooks } from './cardBooks.ts'
import { beginPayment, cancelOrder, intentOf, placeByCard } from './cardCustomer.ts'
import { checkPromises, wholeLog } from './promises.ts'

/** Longer than anybody lives here. */
const HELD = 60_000
const WAIT = { timeout: 30_000 }

let dataDir: string
let system: System
let api: HttpClient
let control: Control
/** The processor's own view. */
let dashboard: Stripe
let reader: EventStoreDBClient
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-'))
  system = await startSystem({ dataDir, env: { ...process.env, LOG_LEVEL: 'error' } })
  const { graphql, stripe, eventstore } = system.addresses
  api = httpClient(graphql, 4)
  control = controlOf(stripe, defaultKey)
  dashboard = clientOf(stripe, defaultKey)
  reader = EventStoreDBClient.connectionString(eventstore)
}, 60_000)
afterAll(async () => {
  await api.close()
  await reader.dispose()
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
})

const amount = 4_200
const newCustomer = () => ({ customerId: crypto.randomUUID(), amount, currency: 'EUR' })
const placedAndBegun = async () => {
  const customer = newCustomer()
  const orderId = await placeByCard(api, customer)
  const secret = await beginPayment(api, customer.customerId, orderId)
  return { ...customer, orderId, intentId: intentOf(secret ?? '') }
}
const pay = (intentId: string) =>
  dashboard.paymentIntents.confirm(intentId, { payment_method: 'pm_card_visa' })

const booksOf = async (orderId: string) => shopBooks(await wholeLog(reader)).get(orderId)
const storyOf = async (orderId: string) =>
  (await wholeLog(reader))
    .filter(({ data }) => 'orderId' in data && data.orderId === orderId)
    .map(({ type }) => type)

/** The processor has done what it was asked, and whoever asked is killed before hearing of it. */
const dieUnheard = async (service: 'api' | 'payments', done: () => Promise<unknown>): Promise<void> => {
  await expect.poll(done, WAIT).toBe(true)
  await system.processes.kill(service, 'SIGKILL')
  await control.disturb({})
  await system.processes.ready()
}
const holding = (path: string) => control.disturb({ rules: [{ do: 'hold', method: 'POST', path, ms: HELD }] })

/** Webhooks would tell the same: whoever died has to get on without them first. */
beforeEach(() => control.misbehave({ withhold: 1 }))

/** What the processor had to tell all the time changes nothing any more. */
const toldAtLast = async (orderId: string) => {
  const before = await storyOf(orderId)
  await control.misbehave({})
  await control.release()
  await expect.poll(control.webhooks, WAIT).toMatchObject({ waiting: 0, withheld: 0, inFlight: 0 })
  expect(await storyOf(orderId)).toEqual(before)
  const { orders } = await processorBooks(dashboard)
  expect(differences(shopBooks(await wholeLog(reader)), orders)).toEqual([])
}

describe('whoever dies between the answer of the processor and what was to follow', () => {
  test(
    'creating the intent: the same one is given to the customer, who pays once',
    { timeout: 60_000 },
    async () => {
      const customer = newCustomer()
      const orderId = await placeByCard(api, customer)
      await holding('/v1/payment_intents')
      const asked = beginPayment(api, customer.customerId, orderId)
      const made = async () => (await dashboard.paymentIntents.list()).data.map(({ metadata }) => metadata)
      await dieUnheard('api', async () => (await made()).some((of) => of['order_id'] === orderId))
      const intentId = intentOf((await asked) ?? '')
      await pay(intentId)
      await control.misbehave({})
      await control.release()
      await expect
        .poll(() => booksOf(orderId), WAIT)
        .toMatchObject({ status: 'PAID', charged: amount, charges: 1 })
      expect((await made()).filter((of) => of['order_id'] === orderId)).toHaveLength(1)
      await toldAtLast(orderId)
    },
  )

  test(
    'cancelling the intent: it is cancelled once, and nobody can pay it',
    { timeout: 60_000 },
    async () => {
      const { customerId, orderId, intentId } = await placedAndBegun()
      await holding('/v1/payment_intents/[^/]+/cancel')
      expect(await cancelOrder(api, customerId, orderId)).toBe(true)
      await dieUnheard(
        'payments',
        async () => (await dashboard.paymentIntents.retrieve(intentId)).status === 'canceled',
      )
      await expect.poll(() => storyOf(orderId), WAIT).toContain('PaymentCancelled')
      expect(await storyOf(orderId)).toEqual([
        'OrderPlaced',
        'CardPaymentStarted',
        'OrderCancelled',
        'PaymentCancelled',
      ])
      await expect(pay(intentId)).rejects.toThrow('canceled')
      await toldAtLast(orderId)
    },
  )

  test(
    'giving back what an order could not take any more: it goes back once',
    { timeout: 60_000 },
    async () => {
      const { customerId, orderId, intentId } = await placedAndBegun()
      await pay(intentId)
      await holding('/v1/refunds')
      expect(await cancelOrder(api, customerId, orderId)).toBe(true)
      await dieUnheard('payments', async () => (await refundsOf(intentId)).length === 1)
      await expect
        .poll(() => booksOf(orderId), WAIT)
        .toMatchObject({ status: 'CANCELLED', charged: amount, refunded: amount, charges: 1 })
      expect(await refundsOf(intentId)).toEqual([amount])
      await toldAtLast(orderId)
    },
  )

  test('refunding a part of it: it goes back once', { timeout: 60_000 }, async () => {
    await control.misbehave({})
    const { orderId, intentId } = await placedAndBegun()
    await pay(intentId)
    await expect.poll(() => booksOf(orderId), WAIT).toMatchObject({ status: 'PAID' })
    await control.misbehave({ withhold: 1 })
    await holding('/v1/refunds')
    await askForRefund(orderId, 1_500)
    await dieUnheard('payments', async () => (await refundsOf(intentId)).length === 1)
    await expect.poll(() => booksOf(orderId), WAIT).toMatchObject({ status: 'PAID', refunded: 1_500 })
    expect(await refundsOf(intentId)).toEqual([1_500])
    await toldAtLast(orderId)
  })

  test('in the end, all promises are kept', async () => {
    const mongo = await new MongoClient(system.addresses.mongodb).connect()
    await checkPromises(reader, mongo.db('counterfoil'))
    await mongo.close()
  })
})

const refundsOf = async (payment_intent: string) =>
  (await dashboard.refunds.list({ payment_intent })).data.map(({ amount }) => amount)

const askForRefund = async (orderId: string, part: number): Promise<void> => {
  const query = `mutation ($input: RefundOrderInput!) { refundOrder(input: $input) { __typename ... on Refusal { message } } }`
  const input = { orderId, amount: { amount: part, currency: 'EUR' }, idempotencyKey: 'part' }
  const data = z.object({ refundOrder: z.object({ __typename: z.literal('Order') }) })
  await api.ask({ user: crypto.randomUUID(), role: 'ADMIN', query, variables: { input }, data })
}
