import { Stripe } from 'stripe'
import { expect } from 'vitest'
import { startStripe } from '../embedded/stripe/node.ts'
import { startNodes } from './startNodes.ts'
import { startTestApi } from '../schema/apiUnderTest.ts'

/** What is waited for comes within seconds, also on a busy machine. */
export const WAIT = { timeout: 15_000 }

/** The API with its services and a card processor, and a client of that: its dashboard, and the customer's browser. */
export const startCardApi = async () => {
  const nodes = await startNodes()
  const processor = await startStripe()
  const { key: STRIPE_SECRET_KEY, url: STRIPE_API_ROOT, webhookSecret: STRIPE_WEBHOOK_SECRET } = processor
  const cards = { STRIPE_SECRET_KEY, STRIPE_API_ROOT, STRIPE_WEBHOOK_SECRET }
  const api = await startTestApi({ ...nodes, charging: true, cards })
  const webhook = api.url.replace('/graphql', '/payments/webhook')
  await processor.control.deliverTo(webhook)
  const stripe = new Stripe(STRIPE_SECRET_KEY, { host: '127.0.0.1', port: processor.port, protocol: 'http' })

  return {
    api,
    processor,
    stripe,
    webhook,
    settings: cards,

    confirm: (intent: string, card = 'pm_card_visa') =>
      stripe.paymentIntents.confirm(intent, { payment_method: card, return_url: 'http://127.0.0.1/' }),

    declinedWith: async (intent: string, card: string) => {
      const confirming = stripe.paymentIntents.confirm(intent, { payment_method: card })
      await expect(confirming).rejects.toThrow(Stripe.errors.StripeCardError)
    },

    /** All that the processor has to tell is told. */
    allTold: () =>
      expect
        .poll(async () => {
          const { waiting, inFlight } = await processor.control.webhooks()
          return waiting + inFlight
        }, WAIT)
        .toBe(0),

    stop: async () => {
      await processor.close()
      await api.stop()
      await nodes.stop()
    },
  }
}
export type CardApi = Awaited<ReturnType<typeof startCardApi>>
