import { entrySize, idKey, revisionKey, writeEntry } from './index/entry.ts'
import type { EventRecord } from './event-record.ts'
import type { StreamHead } from './stream-head.ts'

export interface Entry {
  readonly record: EventRecord
  readonly head: StreamHead
  /** Whether it is to be found by its event id. */
  readonly hasKnownId: boolean
  /** One before it that has the same event id, in another stream as a rule. */
  namesake?: Entry | undefined
}

/** What is to be indexed next: entries, as bytes, of the records up to a position. */
export interface IndexStep {
  readonly entries: readonly Entry[]
  readonly bytes: Buffer
  readonly to: number
}

/** Records that the index doesn't have yet: found by stream in their heads, and by event id here. */
export class FreshRecords {
  #entries: Entry[] = []
  #bytes = 0
  readonly #ids = new Map<string, Entry>()

  get count(): number {
    return this.#entries.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** From now on its id is known, also while it is on its way to the disk. */
  note(id: string, entry: Entry): void {
    if (!entry.hasKnownId) return
    const namesake = this.#ids.get(id)
    if (namesake !== undefined) entry.namesake = namesake
    this.#ids.set(id, entry)
  }

  /** Now it is on disk, and may be indexed. */
  add(entry: Entry): void {
    this.#entries.push(entry)
    this.#bytes += entry.record.framed.length
  }

  revisionOf(id: string, stream: string): number | undefined {
    for (let entry = this.#ids.get(id); entry !== undefined; entry = entry.namesake)
      if (entry.head.name === stream) return entry.record.revision
    return undefined
  }

  take(): IndexStep | undefined {
    const last = this.#entries.at(-1)
    if (last === undefined) return undefined
    const entries = this.#entries
    this.#entries = []
    this.#bytes = 0
    const bytes = Buffer.allocUnsafe(entries.length * 2 * entrySize)
    let size = 0
    for (const { record, head, hasKnownId } of entries) {
      size = writeEntry(bytes, size, revisionKey(head.key, record.revision), record.position)
      if (hasKnownId) size = writeEntry(bytes, size, idKey(head.key, record.id), record.position)
    }
    return { entries, bytes: bytes.subarray(0, size), to: last.record.next }
  }

  /** The index has these now. */
  forget(entries: readonly Entry[]): void {
    for (const entry of entries) if (entry.hasKnownId) this.#forget(entry)
  }

  #forget(entry: Entry): void {
    const { id } = entry.record
    const newest = this.#ids.get(id)
    if (newest !== entry) {
      for (let other = newest; other !== undefined; other = other.namesake)
        if (other.namesake === entry) other.namesake = entry.namesake
    } else if (entry.namesake === undefined) {
      this.#ids.delete(id)
    } else {
      this.#ids.set(id, entry.namesake)
    }
  }
}
