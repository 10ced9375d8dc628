import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { showEvent } from '../api/render.ts'
import type { Ledger } from '../store/ledger.ts'
import type { Waiting } from '../store/outbox.ts'
import { letterOf } from './letter.ts'
import type { Letter } from './letter.ts'
import { pauseAfter, TRIES } from './patience.ts'

const IN_FLIGHT = 16
const ANSWER_WITHIN = 10_000

/** How deliveries went, since the node started. */
export interface Tally {
  delivered: number
  copies: number
  /** Tries that weren't answered by 2xx, by status (0 for no answer); they are repeated. */
  readonly failed: Record<number, number>
  /** What was sent for nobody to believe it, by the status that was answered. */
  readonly tampered: Record<number, number>
  givenUp: number
}

export interface DispatcherOptions {
  readonly ledger: Ledger
  readonly url: () => string | undefined
  readonly secret: string
  readonly now: () => number
}

/** Posts what is due, again and again until somebody takes it. Only what is in flight is in memory. */
export class Dispatcher {
  readonly tally: Tally = { delivered: 0, copies: 0, failed: {}, tampered: {}, givenUp: 0 }
  readonly #options: DispatcherOptions
  readonly #agent = new Agent({
    connections: IN_FLIGHT,
    connect: { timeout: ANSWER_WITHIN },
    headersTimeout: ANSWER_WITHIN,
    bodyTimeout: ANSWER_WITHIN,
  })
  readonly #stopping = new AbortController()
  readonly #inFlight = new Map<string, Promise<void>>()
  readonly #running: Promise<void>
  #wake = new AbortController()

  /** `onFault` is told of what can't happen; nothing more is posted after it. */
  constructor(options: DispatcherOptions, onFault: (fault: unknown) => void) {
    this.#options = options
    this.#running = this.#run().catch(onFault)
  }

  /** Something has been put into the outbox. */
  wake(): void {
    this.#wake.abort()
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.wake()
    await this.#running
    // Whoever takes their time is not waited for: they are told again after the next start.
    await this.#agent.destroy()
    await Promise.allSettled(this.#inFlight.values())
  }

  async #run(): Promise<void> {
    const faults: unknown[] = []
    while (!this.#stopping.signal.aborted) {
      this.#wake = new AbortController()
      const url = this.#options.url()
      const waiting = url === undefined ? [] : this.#options.ledger.outbox.first(IN_FLIGHT + this.inFlight)
      const next = waiting.filter(({ key }) => !this.#inFlight.has(key))
      const due = next.filter((one) => one.due <= this.#options.now())
      for (const one of due.slice(0, IN_FLIGHT - this.inFlight)) {
        const done = this.#deliver(one, url ?? '')
          .catch((fault: unknown) => faults.push(fault))
          .then(() => {
            this.#inFlight.delete(one.key)
            this.wake()
          })
        this.#inFlight.set(one.key, done)
      }
      if (faults.length > 0) throw faults[0]
      await this.#sleep(due.length > 0 ? undefined : next[0]?.due)
    }
  }

  /** Until something happens, or it is time. */
  async #sleep(until: number | undefined): Promise<void> {
    const ms = until === undefined ? 2 ** 30 : Math.max(0, until - this.#options.now())
    await delay(Math.min(ms, 2 ** 30), undefined, { signal: this.#wake.signal }).catch((fault: unknown) => {
      if (!this.#wake.signal.aborted) throw fault
    })
  }

  async #deliver(waiting: Waiting, url: string): Promise<void> {
    const { ledger, secret, now } = this.#options
    const event = ledger.get('event', waiting.delivery.event)
    if (!event) throw new Error(`${waiting.delivery.event} is missing from the books`)
    const body = JSON.stringify(showEvent(event))
    const { tampering } = waiting.delivery
    const letter = letterOf(body, secret, Math.floor(now() / 1_000), tampering)
    const status = await this.#post(url, letter)
    if (this.#stopping.signal.aborted && status === 0) return
    await this.#settle(waiting, status)
  }

  /** The status of the answer; 0 if there is none. */
  async #post(url: string, { body, signature }: Letter): Promise<number> {
    try {
      const { statusCode, body: answer } = await request(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Stripe/1.0 (embedded node)',
          ...(signature === undefined ? {} : { 'stripe-signature': signature }),
        },
        body,
        dispatcher: this.#agent,
      })
      await answer.dump()
      return statusCode
    } catch {
      // Whatever kept the receiver from answering: it is asked again later, and counted as an answer of status 0.
      return 0
    }
  }

  async #settle({ key, delivery }: Waiting, status: number): Promise<void> {
    const { ledger, now } = this.#options
    const taken = status >= 200 && status < 300
    const failures = delivery.failures + 1
    const { tally } = this
    if (delivery.tampering) tally.tampered[status] = (tally.tampered[status] ?? 0) + 1
    else if (delivery.copy) tally.copies++
    else if (taken) tally.delivered++
    else tally.failed[status] = (tally.failed[status] ?? 0) + 1
    const again = !taken && !delivery.copy && failures < TRIES
    if (!taken && !delivery.copy && !again) tally.givenUp++
    await ledger.write(() => {
      ledger.outbox.remove(key)
      if (again) ledger.outbox.add({ ...delivery, failures }, now() + pauseAfter(failures, Math.random()))
      const event = ledger.get('event', delivery.event)
      if (event && !again && !delivery.copy) ledger.put({ ...event, pending: false })
    })
  }
}
