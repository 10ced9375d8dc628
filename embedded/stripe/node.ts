import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Disturbances, disturbing } from './api/disturbances.ts'
import { publishableOf } from './api/keys.ts'
import { defaultKey, defaultWebhookSecret } from './defaults.ts'
import type { Surroundings } from './api/render.ts'
import { serverOf } from './api/server.ts'
import { serveThreeDSecure } from './api/threeDSecure.ts'
import { controlOf } from './control/control.ts'
import type { Control } from './control/control.ts'
import { serveControl } from './control/routes.ts'
import { Ledger } from './store/ledger.ts'
import { Webhooks } from './webhooks/webhooks.ts'

export interface NodeOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  readonly host?: string
  /** The directory of the data, made if missing; without it, a temporary one, removed when the node stops. */
  readonly db?: string
  /** The secret key; the publishable one follows from it. */
  readonly key?: string
  /** Where events are posted; nowhere, if it isn't said. */
  readonly webhook?: string
  /** With what they are signed. */
  readonly webhookSecret?: string
  /** In milliseconds. */
  readonly now?: () => number
  /** Told of what can't happen, after which the node posts no more events. */
  readonly onFault?: (fault: unknown) => void
}

const HOUR = 3_600_000

/** A card processor on loopback: what it acknowledged is on disk. */
export class StripeNode {
  readonly url: string
  readonly port: number
  readonly key: string
  readonly publishableKey: string
  readonly webhookSecret: string
  readonly control: Control
  readonly #parts: Parts

  private constructor(parts: Parts, { url, key, webhookSecret }: Known) {
    this.#parts = parts
    this.url = url
    this.port = Number(new URL(url).port)
    this.key = key
    this.publishableKey = publishableOf(key)
    this.webhookSecret = webhookSecret
    this.control = controlOf(url, key)
  }

  /** Resolves when it takes requests; rejects if the port is taken or the directory can't be used. */
  static async start({
    port = 0,
    host = '127.0.0.1',
    db,
    key = defaultKey,
    webhook,
    webhookSecret = defaultWebhookSecret,
    now = Date.now,
    onFault = (fault) => {
      throw fault
    },
  }: NodeOptions = {}): Promise<StripeNode> {
    const directory = db ?? mkdtempSync(join(tmpdir(), 'stripe-'))
    const cleanUp = () => db === undefined && rmSync(directory, { recursive: true, force: true })
    const ledger = new Ledger(directory)
    let url = ''
    const surroundings: Surroundings = {
      ledger,
      get url() {
        return url
      },
    }
    const webhooks = new Webhooks({ surroundings, ledger, webhook, secret: webhookSecret, now, onFault })
    const keys = { secret: key, publishable: publishableOf(key) }
    const troubled = { late: 0, fail: 0, lose: 0, hold: 0 }
    let trouble = disturbing(Disturbances.parse({}), troubled)
    const acting = { surroundings, ledger, webhooks, now }
    const stopping = new AbortController()
    const http = serverOf({
      ...acting,
      keys,
      stopping: stopping.signal,
      trouble: (method, path) => trouble(method, path),
    })
    serveThreeDSecure(http, acting)
    serveControl(http, {
      ...acting,
      keys,
      troubled,
      disturb: (disturbances) => {
        trouble = disturbing(disturbances, troubled)
      },
    })
    const prune = () => void forget(ledger, now(), stopping.signal).catch(onFault)
    const pruning = setInterval(prune, HOUR).unref()
    const parts = { http, stopping, webhooks, ledger, pruning, cleanUp }
    try {
      url = await http.listen({ port, host })
    } catch (error) {
      await close(parts)
      throw error
    }
    prune()
    return new StripeNode(parts, { url, key, webhookSecret })
  }

  /** Answers what is being asked, and leaves to the next start what has still to be posted. */
  stop(): Promise<void> {
    return close(this.#parts)
  }
}

type Known = Pick<StripeNode, 'url' | 'key' | 'webhookSecret'>

interface Parts {
  readonly stopping: AbortController
  readonly http: FastifyInstance
  readonly webhooks: Webhooks
  readonly ledger: Ledger
  readonly pruning: NodeJS.Timeout
  readonly cleanUp: () => void
}

const close = async ({ http, stopping, webhooks, ledger, pruning, cleanUp }: Parts): Promise<void> => {
  clearInterval(pruning)
  stopping.abort()
  await http.close()
  await webhooks.dispatcher.stop()
  await ledger.close()
  cleanUp()
}

/** Answers count for a day; what is older goes, some at a time. */
const forget = async (ledger: Ledger, now: number, stopping: AbortSignal): Promise<void> => {
  let from: Buffer | undefined
  do from = await ledger.write(() => ledger.answers.prune(now, from))
  while (from && !stopping.aborted)
}

/** For tests: a node with any free port, whose `close` leaves nothing behind. */
export const startStripe = async (
  options: NodeOptions = {},
): Promise<
  Pick<StripeNode, 'url' | 'port' | 'key' | 'publishableKey' | 'webhookSecret' | 'control'> & {
    readonly close: () => Promise<void>
  }
> => {
  const node = await StripeNode.start(options)
  const { url, port, key, publishableKey, webhookSecret, control } = node
  return { url, port, key, publishableKey, webhookSecret, control, close: () => node.stop() }
}
