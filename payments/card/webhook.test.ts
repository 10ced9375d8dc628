import { fastify } from 'fastify'
import { MongoClient } from 'mongodb'
import { Stripe } from 'stripe'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ann, minutesAfterNoon, noon } from '../../domain/controls.ts'
import { MongoDBNode } from '../../embedded/mongodb/node.ts'
import { Unavailable } from '../../eventstore/faults.ts'
import { answerWithProblems } from '../../service/problems.ts'
import { Intent } from './intent.ts'
import { erasePayloads, keptEvents } from './kept.ts'
import type { CardNews } from './news.ts'
import { serveWebhook, WEBHOOK } from './webhook.ts'

const secret = 'whsec_of_this_test'
let now = noon
/** What was handed on, what was counted, and what goes wrong with handling. */
let [news, counted]: [CardNews[], string[]] = [[], []]
let fault: Error | undefined

const take = (told: CardNews) => {
  if (fault) return Promise.reject(fault)
  news.push(told)
  return Promise.resolve('handled' as const)
}

const documents = await MongoDBNode.start()
const mongo = new MongoClient(documents.connectionString)
const db = mongo.db('webhooks')
const http = fastify()
beforeAll(async () => {
  answerWithProblems(http)
  serveWebhook({
    http,
    secret,
    kept: keptEvents(db, () => now),
    handlers: { order: take, 'top-up': take },
    intent: (id) => Promise.resolve(Intent.parse({ ...intent, id })),
    count: (type, outcome) => counted.push(`${type} ${outcome}`),
    now: () => now,
  })
  await http.ready()
})
afterAll(async () => {
  await http.close()
  await mongo.close()
  await documents.stop()
})
beforeEach(() => {
  ;[news, counted, fault, now] = [[], [], undefined, noon]
})

const intent = {
  id: 'pi_1',
  status: 'succeeded',
  amount: 1_999,
  amount_received: 1_999,
  currency: 'eur',
  metadata: { purpose: 'order' },
}
let n = 0
const event = (type: string, object: object = intent) =>
  JSON.stringify({
    id: `evt_${++n}`,
    object: 'event',
    type,
    created: Math.floor(noon.getTime() / 1_000),
    data: { object },
  })
const signed = (payload: string, { at = noon, by = secret } = {}) =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret: by, timestamp: at.getTime() / 1_000 })
const post = async (payload: string, signature: string | undefined = signed(payload)) =>
  http.inject({
    method: 'POST',
    url: WEBHOOK,
    payload,
    headers: { 'content-type': 'application/json', 'stripe-signature': signature },
  })
const kept = (id: string) => db.collection<{ _id: string }>('processorEvents').findOne({ _id: id })

describe('what the processor tells', () => {
  it.each([
    ['payment_intent.succeeded', 'SUCCEEDED'],
    ['payment_intent.payment_failed', 'DECLINED'],
    ['payment_intent.canceled', 'CANCELLED'],
  ])('by %s is handed to whoever takes care of it, and kept as it came', async (type, kind) => {
    const payload = event(type)
    expect(await post(payload)).toMatchObject({ statusCode: 200 })
    expect(news).toMatchObject([
      { kind, eventId: `evt_${n}`, at: noon.toISOString(), intent: { id: 'pi_1' } },
    ])
    expect(await kept(`evt_${n}`)).toMatchObject({ type, payload, outcome: 'handled', receivedAt: noon })
    expect(counted).toEqual([`${type} handled`])
  })

  it.each(['charge.refunded', 'refund.updated', 'refund.failed'])(
    'by %s is about a payment, as that is now',
    async (type) => {
      await post(event(type, { id: 'x', payment_intent: 'pi_7' }))
      expect(news).toMatchObject([{ kind: 'REFUNDED', intent: { id: 'pi_7', received: 1_999 } }])
    },
  )

  it('counts once, however often it comes', async () => {
    const payload = event('payment_intent.succeeded')
    for (let times = 0; times < 3; times++) expect(await post(payload)).toMatchObject({ statusCode: 200 })
    expect(news).toHaveLength(1)
    expect(counted.slice(1)).toEqual(Array.from({ length: 2 }, () => 'payment_intent.succeeded repeated'))
  })

  it.each(['customer_id', 'owner_id'])(
    'of somebody (%s) is erased with them, and known still',
    async (by) => {
      const theirs = { ...intent, metadata: { ...intent.metadata, [by]: ann } }
      const payload = event('payment_intent.succeeded', theirs)
      await post(payload)
      await post(event('payment_intent.succeeded'))
      expect(await erasePayloads(db, ann)).toBe(1)
      expect(await erasePayloads(db, ann)).toBe(0)
      expect(await kept(`evt_${n - 1}`)).toMatchObject({ outcome: 'handled', userId: ann })
      expect(await kept(`evt_${n - 1}`)).not.toHaveProperty('payload')
      expect(await kept(`evt_${n}`)).toHaveProperty('payload')
      await post(payload)
      expect(news).toHaveLength(2)
    },
  )

  it('is asked for again when we could not handle it', async () => {
    const payload = event('payment_intent.succeeded')
    fault = new Unavailable('the event store is away')
    expect(await post(payload)).toMatchObject({ statusCode: 503 })
    fault = new Error('a defect')
    expect(await post(payload)).toMatchObject({ statusCode: 500 })
    fault = undefined
    expect(await post(payload)).toMatchObject({ statusCode: 200 })
    expect(news).toHaveLength(1)
    expect(counted).toEqual(['failed', 'failed', 'handled'].map((was) => `payment_intent.succeeded ${was}`))
  })
})

describe('what is none of our business', () => {
  it.each([
    ['of another type', 'customer.created', { id: 'cus_1' }],
    ['of another purpose', 'payment_intent.succeeded', { ...intent, metadata: { purpose: 'rent' } }],
    ['without a purpose', 'payment_intent.succeeded', { ...intent, metadata: {} }],
    ['about a charge without an intent', 'charge.refunded', { id: 'ch_1', payment_intent: null }],
  ])('%s is thanked for', async (_, type, object) => {
    expect(await post(event(type, object))).toMatchObject({ statusCode: 200 })
    expect(news).toEqual([])
  })
})

describe('what the processor did not send', () => {
  const payload = event('payment_intent.succeeded')
  it.each([
    ['without a signature', payload, ''],
    ['signed with another secret', payload, signed(payload, { by: 'whsec_another' })],
    ['whose signature is of another body', payload.replace('1999', '1'), signed(payload)],
    ['that is as good as right, but for a blank', `${payload} `, signed(payload)],
    ['of a day ago', payload, signed(payload, { at: minutesAfterNoon(-24 * 60) })],
    ['of six minutes ago', payload, signed(payload, { at: minutesAfterNoon(-6) })],
    ['with a signature that is none', payload, 'v1=1234'],
    ['that is empty', '', signed(payload)],
  ])('%s is refused, and changes nothing', async (_, body, signature) => {
    const answer = await post(body, signature)
    expect(answer.statusCode).toBe(400)
    expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
    expect([news, counted]).toEqual([[], ['unknown forged']])
    expect(await db.collection('processorEvents').countDocuments({ payload: body })).toBe(0)
  })

  it('that is too large is refused before anybody reads it', async () => {
    const large = JSON.stringify({ id: 'evt', filling: 'x'.repeat(64 * 1024) })
    expect(await post(large)).toMatchObject({ statusCode: 413 })
    expect([news, counted]).toEqual([[], []])
  })

  it('of four minutes ago is believed: clocks differ, and networks are slow', async () => {
    const late = event('payment_intent.succeeded')
    expect(await post(late, signed(late, { at: minutesAfterNoon(-4) }))).toMatchObject({ statusCode: 200 })
  })
})
