import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { eur } from '../../domain/controls.ts'
import { startStripe } from '../../embedded/stripe/node.ts'
import { Unavailable } from '../../eventstore/faults.ts'
import { cardProcessor } from './processor.ts'
import { CardRefused } from './refused.ts'

const server = await startStripe()
afterAll(() => server.close())
beforeEach(() => server.control.disturb({}))

let called: string[] = []
const processorAt = (STRIPE_API_ROOT: string, STRIPE_SECRET_KEY?: string) =>
  cardProcessor({
    settings: { STRIPE_API_ROOT, STRIPE_SECRET_KEY },
    observer: { called: (operation, outcome) => called.push(`${operation} ${outcome}`) },
    clock: () => 0,
  })
const processor = processorAt(server.url, server.key)
const wanted = (amount = eur(1_999), idempotencyKey: string = randomUUID()) => ({
  amount,
  metadata: { purpose: 'order' },
  idempotencyKey,
})

describe('the card processor', () => {
  it('makes one payment for a key, and knows it by its id', async () => {
    const first = await processor.createIntent(wanted(eur(1_999), 'once'))
    expect(first).toMatchObject({
      amount: 1_999,
      currency: 'EUR',
      received: 0,
      metadata: { purpose: 'order' },
    })
    expect(await processor.createIntent(wanted(eur(1_999), 'once'))).toEqual(first)
    expect(await processor.intent(first.id)).toEqual(first)
  })

  it('cancels a payment, and says how it is when that was done before', async () => {
    const { id } = await processor.createIntent(wanted())
    expect(await processor.cancelIntent(id)).toMatchObject({ id, status: 'canceled' })
    expect(await processor.cancelIntent(id)).toMatchObject({ id, status: 'canceled' })
  })

  it.each([
    ['a currency that nobody has', { amount: 1_999, currency: 'XDR' }, { param: 'currency' }],
    ['a currency that it counts otherwise', { amount: 1_999, currency: 'ISK' }, { param: 'currency' }],
    ['less than it takes', eur(1), { code: 'amount_too_small' }],
    ['more than it takes', eur(100_000_000), { code: 'amount_too_large' }],
  ])('refuses %s', async (_, amount, refusal) => {
    called = []
    const refused = await processor.createIntent(wanted(amount)).catch((fault: unknown) => fault)
    expect(refused).toBeInstanceOf(CardRefused)
    expect(refused).toMatchObject(refusal)
    expect(called).toEqual(['createIntent refused'])
  })

  it('refuses to give back what nobody paid', async () => {
    const { id: intentId } = await processor.createIntent(wanted())
    await expect(processor.refund({ ...wanted(), intentId })).rejects.toBeInstanceOf(CardRefused)
    expect(await processor.refundsOf(intentId)).toEqual([])
  })
})

describe('a card processor that is in trouble', () => {
  it.each(['fail', 'lose'] as const)('may %s once: it is asked again, and does it once', async (trouble) => {
    await server.control.disturb({ rules: [{ do: trouble, method: 'POST', times: 1 }] })
    const key = randomUUID()
    const first = await processor.createIntent(wanted(eur(500), key))
    expect((await processor.createIntent(wanted(eur(500), key))).id).toBe(first.id)
  })

  it('is unavailable when it does not recover', async () => {
    called = []
    await server.control.disturb({ rules: [{ do: 'fail', status: 503 }] })
    await expect(processor.createIntent(wanted())).rejects.toBeInstanceOf(Unavailable)
    expect(called).toEqual(['createIntent failed'])
  })

  it('is unavailable when nobody is there, and when no key is set or it is not accepted', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => probe.once('listening', listening))
    const address = probe.address()
    await new Promise((closed) => probe.close(closed))
    const port = typeof address === 'object' && address ? address.port : 0
    for (const away of [
      processorAt(`http://127.0.0.1:${port}`, server.key),
      processorAt(server.url),
      processorAt(server.url, 'sk_test_another'),
    ])
      await expect(away.intent('pi_1')).rejects.toBeInstanceOf(Unavailable)
  })

  it('can’t be below a path: the official client knows hosts only', () =>
    expect(() => processorAt('https://example.com/stripe', server.key)).toThrow(/no path/))
})
