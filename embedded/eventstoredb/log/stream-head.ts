import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { EventRecord } from './event-record.ts'
import type { StreamKey } from './index/entry.ts'
import { noMetadata, type StreamMetadata } from './stream-metadata.ts'

const none: EventRecord[] = []

/** What the node keeps in memory about a stream in use. */
export class StreamHead {
  readonly name: string
  readonly key: StreamKey
  /** Last revision, with what is not committed yet: what the next append is checked against. */
  revision: number
  /** Last revision that is durable: what readers may see. */
  committed: number
  /** The records that the index doesn't have yet, oldest first, committed or not. */
  #recent: EventRecord[] = none
  metadata: StreamMetadata = noMetadata
  visibleMetadata: StreamMetadata = noMetadata
  hasMetadata = false

  constructor(name: string, key: StreamKey, revision: number) {
    this.name = name
    this.key = key
    this.revision = revision
    this.committed = revision
  }

  get recent(): readonly EventRecord[] {
    return this.#recent
  }

  get tombstoned(): boolean {
    return this.revision === tombstoneRevision
  }

  get visiblyTombstoned(): boolean {
    return this.committed === tombstoneRevision
  }

  get pending(): boolean {
    return this.revision !== this.committed
  }

  /** A record that the index doesn't have yet. Most streams never have a second one at the same time. */
  remember(record: EventRecord): void {
    if (this.#recent.length === 0) this.#recent = [record]
    else this.#recent.push(record)
  }

  /** The index has so many of the oldest. */
  forget(count: number): void {
    this.#recent = this.#recent.length === count ? none : this.#recent.slice(count)
  }

  recentAt(revision: number): EventRecord | undefined {
    const first = this.#recent[0]
    if (first === undefined || revision < first.revision) return undefined
    if (revision === tombstoneRevision) return this.tombstoned ? this.#recent.at(-1) : undefined
    const found = this.#recent[revision - first.revision]
    return found?.revision === revision ? found : undefined
  }
}
