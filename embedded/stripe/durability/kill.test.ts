import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Stripe } from 'stripe'
import { expect, onTestFinished, test } from 'vitest'
import { receiver } from '../behaviour/receiver.ts'
import { clientOf } from '../behaviour/server.ts'
import { controlOf } from '../control/control.ts'
import { defaultKey, defaultWebhookSecret } from '../defaults.ts'
import { ChildNode, failedStart } from './childNode.ts'

const rounds = 3
const customers = 6
/** Where nobody listens. */
const nobody = 'http://127.0.0.1:9/'

const newDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), 'stripe-kill-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** What a customer was answered: where the node has to be at least. */
interface Acknowledged {
  readonly made: Set<string>
  readonly paid: Set<string>
  readonly refunded: Map<string, string>
  readonly keys: Map<string, string>
}

test(
  'killed again and again in the middle of anything, it keeps all that it acknowledged, and tells all of it',
  { timeout: 120_000 },
  async () => {
    const directory = newDirectory()
    const acknowledged: Acknowledged = {
      made: new Set(),
      paid: new Set(),
      refunded: new Map(),
      keys: new Map(),
    }
    for (let round = 0; round < rounds; round++) {
      const node = await ChildNode.start('--db', directory, '--webhook', nobody)
      const stripe = clientOf(node.url, defaultKey)
      // The moment is the point: anywhere from the first commits to a hundred of them.
      let left = 20 + Math.floor(Math.random() * 80)
      const cut = Promise.withResolvers<void>()
      const done = () => {
        if (--left === 0) cut.resolve()
      }
      const working = Array.from({ length: customers }, () => untilCut(stripe, acknowledged, done))
      await cut.promise
      await node.end('SIGKILL')
      await Promise.all(working)
    }

    const listener = await receiver(defaultWebhookSecret)
    const node = await ChildNode.start('--db', directory, '--webhook', listener.url)
    const stripe = clientOf(node.url, defaultKey)
    for (const [key, id] of acknowledged.keys)
      expect((await stripe.paymentIntents.create(wanted, { idempotencyKey: key })).id).toBe(id)
    const status = async (id: string) => (await stripe.paymentIntents.retrieve(id)).status
    for (const id of acknowledged.paid) expect(await status(id)).toBe('succeeded')
    for (const [id, refund] of acknowledged.refunded)
      expect((await stripe.refunds.list({ payment_intent: id })).data.map((one) => one.id)).toEqual([refund])
    const told = () => new Set(listener.told())
    const expected = [
      ...[...acknowledged.made].map((id) => `payment_intent.created ${id}`),
      ...[...acknowledged.paid].map((id) => `payment_intent.succeeded ${id}`),
      ...[...acknowledged.refunded.values()].map((id) => `refund.created ${id}`),
    ]
    expect(expected.length).toBeGreaterThan(rounds * 20)
    await expect.poll(() => expected.filter((one) => !told().has(one)).length, { timeout: 60_000 }).toBe(0)
    await expect
      .poll(controlOf(node.url, defaultKey).webhooks, { timeout: 60_000 })
      .toMatchObject({ waiting: 0 })
    expect(await node.end('SIGTERM')).toBe(0)
  },
)

const wanted: Stripe.PaymentIntentCreateParams = { amount: 1_000, currency: 'eur' }

const untilCut = async (stripe: Stripe, acknowledged: Acknowledged, done: () => void): Promise<void> => {
  for (;;) {
    try {
      const idempotencyKey = crypto.randomUUID()
      const { id } = await stripe.paymentIntents.create(wanted, { idempotencyKey })
      acknowledged.made.add(id)
      acknowledged.keys.set(idempotencyKey, id)
      done()
      await stripe.paymentIntents.confirm(id, { payment_method: 'pm_card_visa' })
      acknowledged.paid.add(id)
      done()
      const refund = await stripe.refunds.create({ payment_intent: id })
      acknowledged.refunded.set(id, refund.id)
      done()
    } catch (error) {
      // The connection went with the node. A refusal would be a fault of its own.
      if (error instanceof Stripe.errors.StripeConnectionError) return
      throw error
    }
  }
}

test('a directory belongs to one node, and flags that make no sense are named', async () => {
  const directory = newDirectory()
  const node = await ChildNode.start('--db', directory)
  expect((await failedStart('--port', '0', '--db', directory)).said).toContain('is in use by another node')
  expect(await node.end('SIGTERM')).toBe(0)
  const refused = await failedStart('--key', 'sk_live_no')
  expect(refused.code).toBe(1)
  expect(refused.said).toContain('must be sk_test_')
  expect((await failedStart('--webhook', 'ftp://a')).code).toBe(1)
})
