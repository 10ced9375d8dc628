import type { EventRecord } from '../log/event-record.ts'

/** An event that came while the group had no room, and how many others it passed over right after. */
export interface LiveEvent {
  readonly record: EventRecord
  readonly sequence: number
  /** Where the next one may be. */
  readonly after: number
  upTo: number
  passed: number
}

/**
 * The newest events of a source that its group had no room for: a ring from which the oldest are dropped. While
 * it reaches back to where the group has come, the group need not read. It holds the log's own records.
 */
export class LiveBuffer {
  readonly #capacity: number
  #events: LiveEvent[] = []
  #first = 0
  /** From here on nothing is missing; before the first event nobody knows. */
  #from = Number.POSITIVE_INFINITY

  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get count(): number {
    return this.#events.length - this.#first
  }

  /** Begins anew: what follows is all there is from this sequence number on. */
  startAt(from: number): void {
    this.clear()
    this.#from = from
  }

  clear(): void {
    this.#events = []
    this.#first = 0
    this.#from = Number.POSITIVE_INFINITY
  }

  add(record: EventRecord, sequence: number, after: number): void {
    if (this.#from === Number.POSITIVE_INFINITY) this.#from = sequence
    this.#events.push({ record, sequence, after, upTo: sequence, passed: 0 })
    if (this.count > this.#capacity) this.#from = this.shift()?.after ?? this.#from
  }

  /** An event that the group doesn't want. Before the first one that it wants, reading takes care of it. */
  pass(sequence: number, weight: number): void {
    const last = this.count > 0 ? this.#events.at(-1) : undefined
    if (last === undefined) return
    last.upTo = sequence
    last.passed += weight
  }

  /** Says that nothing is missing from here on. */
  reachBackTo(from: number): void {
    this.#from = Math.min(this.#from, from)
  }

  /** Whether all from `next` on is here. */
  reaches(next: number): boolean {
    return this.#from <= next
  }

  /** The oldest. */
  shift(): LiveEvent | undefined {
    const event = this.#events[this.#first]
    if (event === undefined) return undefined
    this.#first += 1
    // Shifting one by one would move the array each time.
    if (this.#first > 64 && this.#first * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#first)
      this.#first = 0
    }
    return event
  }
}
