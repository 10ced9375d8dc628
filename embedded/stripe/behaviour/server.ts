import { Stripe } from 'stripe'
import { afterAll, beforeAll } from 'vitest'
import { startStripe } from '../node.ts'

/** Where the suite asks: `STRIPE_TEST_ROOT` with `STRIPE_TEST_KEY` (of test mode), or a node of its own. */
const given = { root: process.env['STRIPE_TEST_ROOT'], key: process.env['STRIPE_TEST_KEY'] }

/** What only this node can do is tested on this node only. */
export const isOwn = given.root === undefined

/** The official client, for a root such as `http://127.0.0.1:12111`. */
export const clientOf = (root: string, key: string, config: Stripe.StripeConfig = {}): Stripe => {
  const { protocol, hostname, port } = new URL(root)
  return new Stripe(key, {
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port ? { port } : {}),
    maxNetworkRetries: 0,
    telemetry: false,
    ...config,
  })
}

/** The client of the server that the suite is about; it is there once the tests run. */
export const stripeUnderTest = (): { readonly client: () => Stripe; readonly root: () => string } => {
  let client: Stripe | undefined
  let root = given.root ?? ''
  let close = async (): Promise<void> => {}
  beforeAll(async () => {
    if (given.root !== undefined) {
      client = clientOf(given.root, given.key ?? '')
      return
    }
    const node = await startStripe()
    client = clientOf(node.url, node.key)
    root = node.url
    close = node.close
  })
  afterAll(() => close())
  return {
    root: () => root,
    client: () => {
      if (!client) throw new Error('the server is there once the tests run')
      return client
    },
  }
}

/** How a promise was refused. */
export const refusalOf = async (asked: Promise<unknown>): Promise<Stripe.errors.StripeError> => {
  try {
    await asked
  } catch (error) {
    if (error instanceof Stripe.errors.StripeError) return error
    throw error
  }
  throw new Error('it was not refused')
}
