import type { GroupClient } from './client.ts'
import type { Message } from './message.ts'
import type { GroupSettings } from './settings.ts'
import type { Progress } from './progress.ts'
import type { Strategy } from './strategy.ts'

export type NackAction = 'unknown' | 'park' | 'retry' | 'skip' | 'stop'

export interface GroupEffects {
  /** Keep the message aside for people to look at; calls back when it is kept. */
  park(message: Message, reason: string, parked: () => void): void
  /** Something was finished: there may be room for more, and a checkpoint due. */
  onProgress(): void
}

/**
 * The rules of a consumer group: who gets which message when, and what becomes of it. It knows neither log nor
 * network, and its clock is an argument.
 */
export class ConsumerGroup {
  readonly #settings: GroupSettings
  readonly #strategy: Strategy
  readonly #effects: GroupEffects
  readonly #progress: Progress
  readonly #clients = new Set<GroupClient>()
  #fresh: Message[] = []
  #retries: Message[] = []
  #parking = 0

  constructor(settings: GroupSettings, strategy: Strategy, progress: Progress, effects: GroupEffects) {
    this.#settings = settings
    this.#strategy = strategy
    this.#progress = progress
    this.#effects = effects
  }

  get clients(): ReadonlySet<GroupClient> {
    return this.#clients
  }

  get freshCount(): number {
    return this.#fresh.length
  }

  get retryCount(): number {
    return this.#retries.length
  }

  get inFlightCount(): number {
    let count = 0
    for (const client of this.#clients) count += client.inFlight
    return count
  }

  get outstandingCount(): number {
    return this.inFlightCount + this.#parking
  }

  get isFull(): boolean {
    return this.#settings.maxSubscribers > 0 && this.#clients.size >= this.#settings.maxSubscribers
  }

  enqueue(message: Message): void {
    this.#fresh.push(message)
  }

  enqueueReplayed(message: Message): void {
    this.#retries.push(message)
  }

  join(client: GroupClient, now: number): void {
    this.#clients.add(client)
    this.#strategy.join(client)
    this.dispatch(now)
  }

  /** What a leaving client had goes to others, however often it has been tried. */
  leave(client: GroupClient, now: number): void {
    if (!this.#clients.delete(client)) return
    this.#strategy.leave(client)
    for (const message of client.takeAll()) this.#requeue(message)
    this.dispatch(now)
  }

  ack(client: GroupClient, ids: readonly string[], now: number): void {
    for (const id of ids) {
      const message = client.take(id)
      if (message !== undefined) this.#finish(message)
    }
    this.dispatch(now)
    this.#effects.onProgress()
  }

  nack(client: GroupClient, ids: readonly string[], action: NackAction, reason: string, now: number): void {
    for (const id of ids) {
      const message = client.take(id)
      if (message === undefined) continue
      if (action === 'park') this.#park(message, `Client explicitly NAK'ed message.\n${reason}`)
      else if (action === 'skip' || action === 'stop') this.#finish(message)
      else this.#retry(message)
    }
    this.dispatch(now)
    this.#effects.onProgress()
  }

  /** Messages that a client has had for too long are tried again. */
  expire(now: number): void {
    let expired = false
    for (const client of this.#clients) {
      for (const message of client.overdue(now)) {
        client.take(message.id)
        this.#retry(message)
        expired = true
      }
    }
    if (expired) this.dispatch(now)
  }

  /** Sends what can be sent: what is tried again first, then what is new. */
  dispatch(now: number): void {
    if (this.#clients.size === 0) return
    const retriesWait = this.#send(this.#retries, now)
    if (retriesWait && this.#strategy.blocks) return
    this.#send(this.#fresh, now)
  }

  /** Sends from one queue and keeps the rest; true if something had to stay. */
  #send(queue: Message[], now: number): boolean {
    let kept = 0
    let index = 0
    for (; index < queue.length; index += 1) {
      const message = queue[index]
      if (message === undefined) continue
      const client = this.#strategy.choose(message)
      if (client !== undefined) {
        client.deliver(message, now, this.#settings.messageTimeoutMs)
      } else {
        if (this.#strategy.blocks || !this.#anyoneFree()) break
        queue[kept] = message
        kept += 1
      }
    }
    if (index > kept) queue.splice(kept, index - kept)
    return queue.length > 0
  }

  #anyoneFree(): boolean {
    for (const client of this.#clients) if (client.freeSlots > 0) return true
    return false
  }

  #finish(message: Message): void {
    if (message.step !== undefined) this.#progress.finish(message.step)
  }

  #retry(message: Message): void {
    if (message.retryCount < this.#settings.maxRetryCount) this.#requeue(message)
    else this.#park(message, `Reached retry count of ${this.#settings.maxRetryCount}`)
  }

  #requeue(message: Message): void {
    message.retryCount += 1
    const after = this.#retries.findIndex((other) => other.sequence > message.sequence)
    if (after === -1) this.#retries.push(message)
    else this.#retries.splice(after, 0, message)
  }

  /** Not finished before it is safely parked, or a crash in between would lose it. */
  #park(message: Message, reason: string): void {
    this.#parking += 1
    this.#effects.park(message, reason, () => {
      this.#parking -= 1
      this.#finish(message)
      this.#effects.onProgress()
    })
  }
}
