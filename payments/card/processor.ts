import Stripe from 'stripe'
import type { Money } from '../../domain/money.ts'
import { Unavailable } from '../../eventstore/faults.ts'
import { CardRefund, Intent } from './intent.ts'
import type { Metadata } from './intent.ts'
import { isCountedAlike } from './money.ts'
import { CardRefused, faultOf } from './refused.ts'

/** The version of the processor's API that is spoken here, whatever the account's own is. */
export const API_VERSION = '2026-10-28.endive'

/** Milliseconds that one answer may take, and how often a call is repeated after the first. */
const TIMEOUT = 5_000
const RETRIES = 2
/** Refunds of one payment that are asked for at a time. */
const PAGE = 100

export interface NewIntent {
  readonly amount: Money
  readonly metadata: Metadata
  /** The same key makes the same intent. */
  readonly idempotencyKey: string
}

export interface NewRefund extends NewIntent {
  readonly intentId: string
}

/**
 * The processor of cards. Every call throws `Unavailable` when there is no answer that counts, and `CardRefused` when
 * it says no. A currency that it counts in other units than we do is refused, as one that it does not know.
 */
export interface CardProcessor {
  createIntent(intent: NewIntent): Promise<Intent>
  intent(id: string): Promise<Intent>
  /** Cancels it if that is possible still, and answers how it is then: perhaps it was paid before. */
  cancelIntent(id: string): Promise<Intent>
  refund(refund: NewRefund): Promise<CardRefund>
  /** Everything that was given back of a payment, also by somebody else, or is on its way. */
  refundsOf(intentId: string): Promise<readonly CardRefund[]>
}

export interface ProcessorObserver {
  /** A call came to its end: `done`, `refused` or `failed`, after so many seconds. */
  called(operation: keyof CardProcessor, outcome: 'done' | 'refused' | 'failed', seconds: number): void
}

export interface ProcessorOptions {
  readonly settings: {
    readonly STRIPE_SECRET_KEY?: string | undefined
    readonly STRIPE_API_ROOT: string
  }
  readonly observer: ProcessorObserver
  /** A clock in milliseconds. */
  readonly clock: () => number
}

/** The official client, for the place that the settings name. */
const clientOf = (key: string, root: string): Stripe => {
  const { protocol, hostname, port, pathname } = new URL(root)
  if (pathname !== '/') throw new Error(`STRIPE_API_ROOT: must have no path, and has ${pathname}`)
  return new Stripe(key, {
    apiVersion: API_VERSION,
    protocol: protocol === 'http:' ? 'http' : 'https',
    host: hostname,
    ...(port ? { port } : {}),
    timeout: TIMEOUT,
    maxNetworkRetries: RETRIES,
    telemetry: false,
  })
}

/** The processor that the settings name; one that is never available if they name no key. */
export const cardProcessor = ({ settings, observer, clock }: ProcessorOptions): CardProcessor => {
  const { STRIPE_SECRET_KEY: key, STRIPE_API_ROOT: root } = settings
  const stripe = key === undefined ? undefined : clientOf(key, root)

  const call = async <T>(
    operation: keyof CardProcessor,
    ask: (stripe: Stripe) => Promise<T>,
    mend?: (refused: CardRefused, stripe: Stripe) => Promise<T>,
  ): Promise<T> => {
    if (!stripe) throw new Unavailable('no card processor is configured (STRIPE_SECRET_KEY)')
    const begun = clock()
    const told = (outcome: 'done' | 'refused' | 'failed') =>
      observer.called(operation, outcome, (clock() - begun) / 1_000)
    const attempt = async (): Promise<T> => {
      try {
        return await ask(stripe)
      } catch (fault) {
        const refused = faultOf(operation, fault)
        if (refused instanceof CardRefused && mend) return mend(refused, stripe)
        throw refused
      }
    }
    try {
      const answer = await attempt()
      told('done')
      return answer
    } catch (fault) {
      const known = faultOf(operation, fault)
      told(known instanceof CardRefused ? 'refused' : 'failed')
      throw known
    }
  }

  return {
    createIntent: ({ amount: { amount, currency }, metadata, idempotencyKey }) =>
      call('createIntent', async ({ paymentIntents }) => {
        if (!isCountedAlike(currency)) throw new CardRefused('currency_not_supported', 'currency')
        const asked = { amount, currency: currency.toLowerCase(), metadata }
        return Intent.parse(
          await paymentIntents.create(
            // Nothing that takes days to come about, such as a bank transfer: an order waits for minutes.
            { ...asked, allowed_payment_method_types: ['card'] },
            { idempotencyKey },
          ),
        )
      }),

    intent: (id) =>
      call('intent', async ({ paymentIntents }) => Intent.parse(await paymentIntents.retrieve(id))),

    cancelIntent: (id) =>
      call(
        'cancelIntent',
        async ({ paymentIntents }) => Intent.parse(await paymentIntents.cancel(id)),
        async (refused, { paymentIntents }) => {
          if (refused.code !== 'payment_intent_unexpected_state') throw refused
          return Intent.parse(await paymentIntents.retrieve(id))
        },
      ),

    refund: ({ intentId, amount: { amount }, metadata, idempotencyKey }) =>
      call('refund', async ({ refunds }) =>
        CardRefund.parse(
          await refunds.create({ payment_intent: intentId, amount, metadata }, { idempotencyKey }),
        ),
      ),

    refundsOf: (intentId) =>
      call('refundsOf', async ({ refunds }) => {
        const found: CardRefund[] = []
        for await (const refund of refunds.list({ payment_intent: intentId, limit: PAGE }))
          found.push(CardRefund.parse(refund))
        return found
      }),
  }
}
