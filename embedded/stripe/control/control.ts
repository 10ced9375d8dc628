import { z } from 'zod'
import { troubles } from '../api/disturbances.ts'
import type { DisturbancesWishes } from '../api/disturbances.ts'
import type { Outcome } from '../api/threeDSecure.ts'
import type { MischiefWishes } from '../webhooks/mischief.ts'

const counts = z.record(z.string(), z.int())

const State = z.object({
  waiting: z.int(),
  withheld: z.int(),
  inFlight: z.int(),
  delivered: z.int(),
  copies: z.int(),
  failed: counts,
  tampered: counts,
  givenUp: z.int(),
})
/** How far the webhooks are, and how they went since the node started. */
export type WebhookState = z.infer<typeof State>

const Troubled = z.record(z.enum(troubles), z.int())
export type Troubled = z.infer<typeof Troubled>

/** Tells a node what to do that Stripe wouldn't. */
export interface Control {
  readonly webhooks: () => Promise<WebhookState>
  /** What is to be done to deliveries from now on; nothing without a word. */
  readonly misbehave: (mischief: MischiefWishes) => Promise<void>
  readonly deliverTo: (url: string) => Promise<void>
  /** Lets go what was withheld; answers how many. */
  readonly release: () => Promise<number>
  readonly resend: (event: string) => Promise<void>
  /** What is to go wrong with requests from now on; nothing without a word. */
  readonly disturb: (disturbances: DisturbancesWishes) => Promise<void>
  /** How many requests something went wrong with, since the node started. */
  readonly troubled: () => Promise<Troubled>
  /** The 3-D Secure step of an intent; answers its status then. */
  readonly authenticate: (intent: string, outcome: Outcome) => Promise<string>
  /** A refund on its way arrives, or one is sent back; answers its status then. */
  readonly settle: (refund: string, outcome: 'succeeded' | 'failed') => Promise<string>
}

export const controlOf = (url: string, key: string): Control => {
  const ask = async <T>(path: string, schema: z.ZodType<T>, body?: unknown): Promise<T> => {
    const response = await fetch(`${url}/_node/${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${path} is answered by ${response.status}: ${text}`)
    return schema.parse(JSON.parse(text))
  }
  const tell = async (path: string, body: unknown): Promise<void> => {
    await ask(path, z.strictObject({}), body)
  }
  const Status = z.object({ status: z.string() })
  return {
    webhooks: () => ask('webhooks', State),
    misbehave: (mischief) => tell('webhooks', mischief),
    deliverTo: (endpoint) => tell('webhooks/endpoint', { url: endpoint }),
    release: async () => (await ask('webhooks/release', z.object({ released: z.int() }), {})).released,
    resend: (event) => tell('webhooks/resend', { event }),
    troubled: () => ask('requests', Troubled),
    disturb: (disturbances) => tell('requests', disturbances),
    authenticate: async (intent, outcome) =>
      (await ask(`payment_intents/${intent}/authenticate`, Status, { outcome })).status,
    settle: async (refund, outcome) => (await ask(`refunds/${refund}/settle`, Status, { outcome })).status,
  }
}
