import type { GroupClient, Parting } from './client.ts'
import type { Message } from './message.ts'
import type { Rate } from './rate.ts'
import type { GroupSettings } from './settings.ts'
import type { Strategy } from './strategy.ts'

export type NackAction = 'unknown' | 'park' | 'retry' | 'skip' | 'stop'

export interface GroupEffects {
  /** Keep the message aside for people to look at; calls back when it is kept, or could not be. */
  park(message: Message, reason: string, kept: (error?: Error) => void): void
  /** Something was finished: there may be room for more, and a checkpoint due. */
  onProgress(): void
}

interface Unparked {
  readonly message: Message
  readonly reason: string
}

/**
 * The rules of a consumer group: who gets which message when, and what becomes of it. It knows neither log nor
 * network, and its clock is an argument.
 */
export class ConsumerGroup {
  /** Of what is sent to all clients together. */
  readonly rate: Rate
  readonly #settings: Pick<GroupSettings, 'maxRetryCount' | 'maxSubscribers' | 'messageTimeoutMs'>
  readonly #strategy: Strategy
  readonly #effects: GroupEffects
  readonly #clients = new Set<GroupClient>()
  readonly #fresh: Message[] = []
  readonly #retries: Message[] = []
  #unparked: Unparked[] = []
  #parking = 0

  constructor(
    settings: Pick<GroupSettings, 'maxRetryCount' | 'maxSubscribers' | 'messageTimeoutMs'>,
    strategy: Strategy,
    rate: Rate,
    effects: GroupEffects,
  ) {
    this.rate = rate
    this.#settings = settings
    this.#strategy = strategy
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

  /** All that waits here: to be sent, to be tried again, to be parked. */
  get waitingCount(): number {
    return this.#fresh.length + this.#retries.length + this.#parking + this.#unparked.length
  }

  get inFlightCount(): number {
    let count = 0
    for (const client of this.#clients) count += client.inFlight
    return count
  }

  get outstandingCount(): number {
    return this.inFlightCount + this.#parking + this.#unparked.length
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

  /** Sends all clients away, for good. */
  part(parting: Parting): void {
    const clients = [...this.#clients]
    this.#clients.clear()
    for (const client of clients) {
      this.#strategy.leave(client)
      client.part(parting)
    }
  }

  ack(client: GroupClient, ids: readonly string[], now: number): void {
    for (const id of ids) client.answered(id, now)?.step.finish()
    this.dispatch(now)
    this.#effects.onProgress()
  }

  nack(client: GroupClient, ids: readonly string[], action: NackAction, reason: string, now: number): void {
    for (const id of ids) {
      const message = client.answered(id, now)
      if (message === undefined) continue
      if (action === 'park') this.#park({ message, reason: `Client explicitly NAK'ed message.\n${reason}` })
      else if (action === 'skip' || action === 'stop') message.step.finish()
      else this.#retry(message)
    }
    this.dispatch(now)
    this.#effects.onProgress()
  }

  /** Messages that a client has had for too long are tried again, and so is parking what could not be parked. */
  tick(now: number): void {
    for (const client of this.#clients) {
      for (const message of client.takeOverdue(now)) this.#retry(message)
    }
    const unparked = this.#unparked
    this.#unparked = []
    for (const one of unparked) this.#park(one)
    this.rate.measure(now)
    for (const client of this.#clients) client.rate.measure(now)
    this.dispatch(now)
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
    if (queue.length === 0) return false
    let kept = 0
    let index = 0
    for (; index < queue.length; index += 1) {
      const message = queue[index]
      if (message === undefined) continue
      const client = this.#strategy.choose(message)
      if (client !== undefined) {
        client.deliver(message, now, this.#settings.messageTimeoutMs)
        this.rate.count()
      } else {
        if (this.#strategy.blocks || !this.#anyoneReady()) break
        queue[kept] = message
        kept += 1
      }
    }
    if (index > kept) queue.splice(kept, index - kept)
    return queue.length > 0
  }

  #anyoneReady(): boolean {
    for (const client of this.#clients) if (client.ready) return true
    return false
  }

  #retry(message: Message): void {
    const { maxRetryCount } = this.#settings
    if (message.retryCount < maxRetryCount) this.#requeue(message)
    else this.#park({ message, reason: `Reached retry count of ${maxRetryCount}` })
  }

  #requeue(message: Message): void {
    message.retryCount += 1
    const before = this.#retries.findLastIndex((other) => other.sequence <= message.sequence)
    this.#retries.splice(before + 1, 0, message)
  }

  /** Not finished before it is safely parked, or a crash in between would lose it. */
  #park(one: Unparked): void {
    this.#parking += 1
    this.#effects.park(one.message, one.reason, (error) => {
      this.#parking -= 1
      if (error === undefined) one.message.step.finish()
      else this.#unparked.push(one)
      this.#effects.onProgress()
    })
  }
}
