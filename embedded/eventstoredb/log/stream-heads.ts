import { LRUCache } from 'lru-cache'

import type { BlockReader } from './blocks.ts'
import type { EventRecord } from './event-record.ts'
import type { Store } from './store.ts'
import { StreamHead } from './stream-head.ts'
import { isMetadataStream, metadataStream, parseMetadata, streamOfMetadata } from './stream-metadata.ts'

/** Stream heads by name: the recently used ones from a bounded cache, all others from the index. */
export class StreamHeads {
  readonly #store: Store
  readonly #blocks: BlockReader
  readonly #cache = new LRUCache<string, StreamHead>({ max: 50_000 })
  /** Heads that know more than the index and must not be forgotten. */
  readonly #ahead = new Map<string, StreamHead>()

  constructor(store: Store, blocks: BlockReader) {
    this.#store = store
    this.#blocks = blocks
  }

  get(name: string): StreamHead {
    const cached = this.#cached(name)
    if (cached !== undefined) return cached
    const id = this.#store.streamId(name) ?? 0
    const head = new StreamHead(name, id, id === 0 ? -1 : this.#store.lastRevision(id))
    this.#cache.set(name, head)
    if (!isMetadataStream(name)) this.#loadMetadata(head)
    return head
  }

  /** Keeps a head until `settle`, because a record of it is in memory only. */
  hold(head: StreamHead): void {
    this.#ahead.set(head.name, head)
  }

  /** Called once the index has the oldest recent record of this head. */
  settle(head: StreamHead): void {
    head.recent.shift()
    if (head.recent.length > 0) return
    this.#ahead.delete(head.name)
    this.#cache.set(head.name, head)
  }

  at(head: StreamHead, revision: number): EventRecord | undefined {
    if (revision < 0 || revision > head.revision) return undefined
    const recent = head.recentAt(revision)
    if (recent !== undefined || head.id === 0) return recent
    const [entry] = this.#store.locate(head.id, revision, revision, 1)
    return entry === undefined ? undefined : this.#blocks.record(entry)
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
    if (known === undefined && this.#store.streamId(name) === undefined) return
    const source = known ?? this.get(name)
    if (source.revision < 0) return
    const last = this.at(source, source.revision)
    const visible = source.pending ? this.at(source, source.committed) : last
    head.hasMetadata = true
    if (last !== undefined) head.metadata = parseMetadata(last.body.data)
    if (visible !== undefined) head.visibleMetadata = parseMetadata(visible.body.data)
  }
}
