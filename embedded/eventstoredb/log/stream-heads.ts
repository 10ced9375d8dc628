import { LRUCache } from 'lru-cache'

import type { EventRecord } from './event-record.ts'
import { metadataKey, streamKey } from './index/entry.ts'
import type { StreamIndex } from './index/stream-index.ts'
import type { LogReader } from './segments/log-reader.ts'
import { StreamHead } from './stream-head.ts'
import { isMetadataStream, metadataStream, parseMetadata, streamOfMetadata } from './stream-metadata.ts'

/** Stream heads by name: the recently used ones from a bounded cache, all others from the index. */
export class StreamHeads {
  readonly #index: StreamIndex
  readonly #reader: LogReader
  readonly #cache = new LRUCache<string, StreamHead>({ max: 16_384 })
  /** Heads that know more than the index and must not be forgotten. */
  readonly #ahead = new Map<string, StreamHead>()

  constructor(index: StreamIndex, reader: LogReader) {
    this.#index = index
    this.#reader = reader
  }

  get(name: string): StreamHead {
    const cached = this.#cached(name)
    if (cached !== undefined) return cached
    const key = streamKey(name)
    const head = new StreamHead(name, key, this.#index.lastRevision(key))
    this.#cache.set(name, head)
    if (!isMetadataStream(name)) this.#loadMetadata(head)
    return head
  }

  /** Keeps a head until `settle`, because a record of it is in memory only. */
  hold(head: StreamHead): void {
    this.#ahead.set(head.name, head)
  }

  /** The index has so many of the oldest recent records of these heads, each counted as often as it is named. */
  settle(heads: Iterable<StreamHead>): void {
    const counts = new Map<StreamHead, number>()
    for (const head of heads) counts.set(head, (counts.get(head) ?? 0) + 1)
    for (const [head, count] of counts) {
      head.forget(count)
      if (head.recent.length > 0) continue
      this.#ahead.delete(head.name)
      this.#cache.set(head.name, head)
    }
  }

  at(head: StreamHead, revision: number): EventRecord | undefined {
    if (revision < 0 || revision > head.revision) return undefined
    const recent = head.recentAt(revision)
    if (recent !== undefined) return recent
    const [position] = this.#index.locate(head.key, revision, revision)
    return position === undefined ? undefined : this.#reader.record(position)
  }

  /** A record of a metadata stream changes the head of the stream that it describes. */
  noteMetadata(record: EventRecord, { visible }: { visible: boolean }): void {
    if (!isMetadataStream(record.stream)) return
    const owner = this.get(streamOfMetadata(record.stream))
    const metadata = parseMetadata(record.body.data)
    owner.hasMetadata = true
    if (visible) owner.visibleMetadata = metadata
    else owner.metadata = metadata
  }

  #cached(name: string): StreamHead | undefined {
    const cached = this.#cache.get(name)
    if (cached !== undefined) return cached
    const held = this.#ahead.get(name)
    if (held !== undefined) this.#cache.set(name, held)
    return held
  }

  #loadMetadata(head: StreamHead): void {
    const name = metadataStream(head.name)
    // Most streams have no metadata: don't let their metadata streams crowd the cache.
    const known = this.#cache.peek(name) ?? this.#ahead.get(name)
    if (known === undefined && this.#index.lastRevision(metadataKey(head.key)) < 0) return
    const source = known ?? this.get(name)
    if (source.revision < 0) return
    const last = this.at(source, source.revision)
    const visible = source.pending ? this.at(source, source.committed) : last
    head.hasMetadata = true
    if (last !== undefined) head.metadata = parseMetadata(last.body.data)
    if (visible !== undefined) head.visibleMetadata = parseMetadata(visible.body.data)
  }
}
