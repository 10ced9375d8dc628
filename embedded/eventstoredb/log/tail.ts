import type { EventRecord } from './event-record.ts'

/**
 * The newest records in memory, contiguous up to the end of the log and bounded in number and bytes. Live
 * readers find what they need here, each record decoded and encoded once for all of them.
 */
export class Tail {
  readonly #maxRecords: number
  readonly #maxBytes: number
  #records: EventRecord[] = []
  #dropped = 0
  #bytes = 0

  constructor({ maxRecords = 8192, maxBytes = 4 * 1024 * 1024 } = {}) {
    this.#maxRecords = maxRecords
    this.#maxBytes = maxBytes
  }

  push(record: EventRecord): void {
    this.#records.push(record)
    this.#bytes += record.framed.length
    while (this.#bytes > this.#maxBytes || this.#records.length - this.#dropped > this.#maxRecords) {
      const oldest = this.#records[this.#dropped]
      if (oldest === undefined) break
      this.#bytes -= oldest.framed.length
      this.#dropped += 1
    }
    // Dropping one by one from the front would move the array each time.
    if (this.#dropped > 1024 && this.#dropped * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#dropped)
      this.#dropped = 0
    }
  }

  /** Records from `position`, or nothing if the tail doesn't reach back so far. */
  forward(position: number, limit: number): EventRecord[] | undefined {
    if (!this.#covers(position)) return undefined
    const from = this.#search(position)
    return this.#records.slice(from, from + limit)
  }

  /** Records that end at or before `position`, newest first. */
  backward(position: number, limit: number): EventRecord[] | undefined {
    if (!this.#covers(position - 1)) return undefined
    const end = this.#search(position)
    return this.#records.slice(Math.max(this.#dropped, end - limit), end).toReversed()
  }

  /** Does a record start at `position`? Undefined where the tail can't tell. */
  startsAt(position: number): boolean | undefined {
    if (!this.#covers(position)) return undefined
    return this.#records[this.#search(position)]?.position === position
  }

  #covers(position: number): boolean {
    const oldest = this.#records[this.#dropped]
    return oldest !== undefined && position >= oldest.position
  }

  /** Index of the first record at or after `position`. */
  #search(position: number): number {
    let low = this.#dropped
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const record = this.#records[middle]
      if (record !== undefined && record.position < position) low = middle + 1
      else high = middle
    }
    return low
  }
}
