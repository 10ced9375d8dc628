import { Latencies } from './latencies.ts'
import type { Message } from './message.ts'
import { Rate } from './rate.ts'

interface InFlight {
  readonly message: Message
  readonly sentAt: number
  readonly dueAt: number
  /** Sent later under the same id: in `$all` two streams may hold events with one id. */
  later: InFlight | undefined
}

/** Why a client is let go. */
export type Parting = { readonly kind: 'dropped' } | { readonly kind: 'failed'; readonly reason: string }

/** The way to the consumer. */
export interface ClientPort {
  /** True while it takes less than it is sent: nothing more is sent until it has room again. */
  readonly congested: boolean
  send(message: Message): void
  part(parting: Parting): void
}

export interface ClientOptions {
  readonly name: string
  readonly username: string
  /** How many messages it may have at a time. */
  readonly bufferSize: number
  /** Whether to keep count of how long it takes to answer. */
  readonly statistics: boolean
}

/** A consumer connected to a group, and what it has been sent and not yet answered. */
export class GroupClient {
  readonly name: string
  readonly username: string
  readonly bufferSize: number
  readonly rate: Rate
  readonly #port: ClientPort
  readonly #latencies: Latencies | undefined
  readonly #inFlight = new Map<string, InFlight>()
  #count = 0

  constructor(options: ClientOptions, now: number, port: ClientPort) {
    this.name = options.name
    this.username = options.username
    this.bufferSize = options.bufferSize
    this.rate = new Rate(now)
    this.#latencies = options.statistics ? new Latencies() : undefined
    this.#port = port
  }

  get inFlight(): number {
    return this.#count
  }

  get freeSlots(): number {
    return Math.max(0, this.bufferSize - this.#count)
  }

  get ready(): boolean {
    return this.#count < this.bufferSize && !this.#port.congested
  }

  get latencies(): [name: string, ms: number][] {
    return this.#latencies?.summary() ?? []
  }

  deliver(message: Message, now: number, timeoutMs: number): void {
    const sent: InFlight = { message, sentAt: now, dueAt: now + timeoutMs, later: undefined }
    const earlier = this.#inFlight.get(message.id)
    if (earlier === undefined) this.#inFlight.set(message.id, sent)
    else last(earlier).later = sent
    this.#count += 1
    this.rate.count()
    this.#port.send(message)
  }

  /** Takes back what the client has answered. */
  answered(id: string, now: number): Message | undefined {
    const found = this.#inFlight.get(id)
    if (found === undefined) return undefined
    this.#remove(id, found)
    this.#latencies?.add(now - found.sentAt)
    return found.message
  }

  /** Takes back what the client has had for too long. */
  takeOverdue(now: number): Message[] {
    const overdue: Message[] = []
    for (const [id, first] of this.#inFlight) {
      for (
        let sent: InFlight | undefined = first;
        sent !== undefined && sent.dueAt <= now;
        sent = sent.later
      ) {
        overdue.push(sent.message)
        this.#remove(id, sent)
      }
    }
    return overdue
  }

  takeAll(): Message[] {
    return this.takeOverdue(Number.POSITIVE_INFINITY)
  }

  part(parting: Parting): void {
    this.#port.part(parting)
  }

  /** The oldest under its id. */
  #remove(id: string, oldest: InFlight): void {
    this.#count -= 1
    if (oldest.later === undefined) this.#inFlight.delete(id)
    else this.#inFlight.set(id, oldest.later)
  }
}

function last(first: InFlight): InFlight {
  let found = first
  while (found.later !== undefined) found = found.later
  return found
}
