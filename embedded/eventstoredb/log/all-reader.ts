import type { EventRecord } from './event-record.ts'
import type { EventLog } from './event-log.ts'
import type { LogReader } from './segments/log-reader.ts'
import { logStart } from './recovery.ts'

/** Reads the log in its order, from memory where it is recent, else from disk. */
export class AllReader {
  readonly #log: EventLog
  readonly #reader: LogReader

  constructor(log: EventLog) {
    this.#log = log
    this.#reader = log.reader
  }

  /** Records at or after `position`, oldest first. */
  forward(position: number, limit: number): EventRecord[] {
    const end = this.#log.visibleEnd
    if (position >= end) return []
    const from = Math.max(position, logStart)
    return this.#log.tail.forward(from, limit) ?? this.#reader.forward(from, end, limit)
  }

  /** Records that end at or before `position`, newest first. */
  backward(position: number, limit: number): EventRecord[] {
    const from = Math.min(position, this.#log.visibleEnd)
    if (from <= logStart) return []
    const recent = this.#log.tail.backward(from, limit)
    if (recent === undefined) return this.#reader.backward(from, limit)
    const oldest = recent.at(-1)
    if (recent.length === limit || oldest === undefined) return recent
    return [...recent, ...this.#reader.backward(oldest.position, limit - recent.length)]
  }

  /** Positions inside a record are nobody's: a client that has one got it from another log. */
  isBoundary(position: number): boolean {
    if (position === 0 || position === logStart || position >= this.#log.visibleEnd) return true
    return this.#log.tail.startsAt(position) ?? this.#reader.startsAt(position)
  }
}
