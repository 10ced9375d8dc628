import type { Message } from './message.ts'
import { Rate } from './rate.ts'

interface InFlight {
  readonly message: Message
  readonly sentAt: number
  readonly dueAt: number
}

/** A consumer connected to a group, and what it has been sent and not yet answered. */
export class GroupClient {
  readonly name: string
  readonly username: string
  readonly bufferSize: number
  readonly #send: (message: Message) => void
  readonly #inFlight = new Map<string, InFlight>()
  readonly rate: Rate

  constructor(name: string, bufferSize: number, now: number, send: (message: Message) => void) {
    this.rate = new Rate(now)
    this.name = name
    this.username = 'system'
    this.bufferSize = bufferSize
    this.#send = send
  }

  get inFlight(): number {
    return this.#inFlight.size
  }

  get freeSlots(): number {
    return Math.max(0, this.bufferSize - this.#inFlight.size)
  }

  deliver(message: Message, now: number, timeoutMs: number): void {
    this.#inFlight.set(message.id, { message, sentAt: now, dueAt: now + timeoutMs })
    this.rate.count()
    this.#send(message)
  }

  /** Takes a message back: answered, or given up on. */
  take(id: string): Message | undefined {
    const found = this.#inFlight.get(id)
    if (found === undefined) return undefined
    this.#inFlight.delete(id)
    return found.message
  }

  overdue(now: number): Message[] {
    return [...this.#inFlight.values()].filter(({ dueAt }) => dueAt <= now).map(({ message }) => message)
  }

  takeAll(): Message[] {
    const messages = [...this.#inFlight.values()].map(({ message }) => message)
    this.#inFlight.clear()
    return messages
  }
}
