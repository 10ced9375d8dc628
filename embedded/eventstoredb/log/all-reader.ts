import type { BlockReader } from './blocks.ts'
import type { EventRecord } from './event-record.ts'
import type { EventLog } from './event-log.ts'
import { logStart } from './recovery.ts'

/** Reads the log in its order, from memory where it is recent, else from disk. */
export class AllReader {
  readonly #log: EventLog
  readonly #blocks: BlockReader

  constructor(log: EventLog) {
    this.#log = log
    this.#blocks = log.blocks
  }

  /** Records at or after `position`, oldest first. */
  forward(position: number, limit: number): EventRecord[] {
    const end = this.#log.visibleEnd
    if (position >= end) return []
    const from = Math.max(position, logStart)
    return this.#log.tail.forward(from, limit) ?? this.#blocks.forward(from, end, limit)
  }

  /** Records that end at or before `position`, newest first. */
  backward(position: number, limit: number): EventRecord[] {
    const from = Math.min(position, this.#log.visibleEnd)
    if (from <= logStart) return []
    const recent = this.#log.tail.backward(from, limit)
    if (recent === undefined) return this.#blocks.backward(from, limit)
    const oldest = recent.at(-1)
    if (recent.length === limit || oldest === undefined) return recent
    return [...recent, ...this.#blocks.backward(oldest.position, limit - recent.length)]
  }

  /** Positions inside a record are nobody's: a client that has one got it from another log. */
  isBoundary(position: number): boolean {
    if (position === 0 || position === logStart || position >= this.#log.visibleEnd) return true
    return this.#log.tail.startsAt(position) ?? this.#blocks.startsAt(position)
  }
}
