import { newId } from '../books/ids.ts'
import type { EventType, Record } from '../books/records.ts'
import { show } from '../api/render.ts'
import type { Surroundings } from '../api/render.ts'
import type { Ledger } from '../store/ledger.ts'
import { Dispatcher } from './dispatcher.ts'
import { Mischief, scheduling } from './mischief.ts'
import { randomOf } from '../../random.ts'

export interface WebhookOptions {
  readonly surroundings: Surroundings
  readonly ledger: Ledger
  /** Where events are posted; nothing is put on its way without it. */
  readonly webhook: string | undefined
  readonly secret: string
  readonly now: () => number
  readonly onFault: (fault: unknown) => void
}

/** Who asked for what an event tells. */
export interface Asked {
  readonly id: string
  readonly idempotencyKey: string | undefined
}

/** Tells whoever listens what has become of an object. */
export class Webhooks {
  readonly dispatcher: Dispatcher
  readonly #options: WebhookOptions
  #url: string | undefined
  #schedule = scheduling(Mischief.parse({}), () => 0.5)

  constructor(options: WebhookOptions) {
    this.#options = options
    this.#url = options.webhook
    this.dispatcher = new Dispatcher({ ...options, url: () => this.#url }, options.onFault)
  }

  /** Where events are posted from now on. */
  deliverTo(url: string): void {
    this.#url = url
    this.dispatcher.wake()
  }

  misbehave(mischief: Mischief): void {
    this.#schedule = scheduling(mischief, randomOf(mischief.seed))
  }

  /** Only in a write; whoever writes wakes the dispatcher when it is on disk. */
  announce(type: EventType, record: Record, { id, idempotencyKey }: Asked): void {
    const { ledger, now } = this.#options
    const at = now()
    const event = {
      id: newId('evt'),
      object: 'event',
      created: Math.floor(at / 1_000),
      type,
      data: { object: show(record, this.#options.surroundings) },
      request: { id, idempotency_key: idempotencyKey ?? null },
      pending: this.#url !== undefined,
    } as const
    ledger.put(event, [`event:${type}`])
    if (this.#url !== undefined) this.#schedule(ledger.outbox, event.id, type, at)
  }

  /** Sends an event again, whatever became of it. False if there is none. */
  resend(id: string): Promise<boolean> {
    const { ledger, now } = this.#options
    return this.#changing(() => {
      const event = ledger.get('event', id)
      if (event) ledger.outbox.add({ event: id, failures: 0, copy: false }, now())
      return event !== undefined
    })
  }

  /** Lets go what is withheld; returns how many. */
  async release(): Promise<number> {
    const { ledger, now } = this.#options
    let released = 0
    for (let some = 1; some > 0; released += some)
      some = await this.#changing(() => ledger.outbox.release(now()))
    return released
  }

  async #changing<T>(change: () => T): Promise<T> {
    const result = await this.#options.ledger.write(change)
    this.dispatcher.wake()
    return result
  }
}
