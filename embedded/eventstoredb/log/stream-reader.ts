import { tombstoneRevision } from '../codec/recorded-event.ts'
import type { EventRecord } from './event-record.ts'
import type { EventLog } from './event-log.ts'
import {
  firstVisible,
  isMetadataStream,
  noMetadata,
  oldestVisibleMs,
  type StreamMetadata,
} from './stream-metadata.ts'

export type StreamPage =
  | { readonly kind: 'missing' }
  | { readonly kind: 'deleted' }
  /** `next` is where the page after this one starts, undefined at the end of the stream. */
  | { readonly kind: 'events'; readonly records: readonly EventRecord[]; readonly next: number | undefined }

const ownMetadata: StreamMetadata = { ...noMetadata, maxCount: 1 }

/** Reads a stream page by page, as its metadata lets it be seen. */
export class StreamReader {
  readonly #log: EventLog

  constructor(log: EventLog) {
    this.#log = log
  }

  /** From a revision on, inclusive. */
  forward(stream: string, from: number, limit: number): StreamPage {
    const head = this.#log.heads.get(stream)
    if (this.#tombstoned(stream)) return { kind: 'deleted' }
    if (head.committed < 0 || head.visibleMetadata.softDeleted) return { kind: 'missing' }
    const metadata = metadataOf(stream, head.visibleMetadata)
    const start = Math.max(from, firstVisible(metadata, head.committed))
    if (start > head.committed) return { kind: 'events', records: [], next: undefined }
    const end = Math.min(head.committed, start + limit - 1)
    const records = this.#range(stream, start, end)
    const next = end < head.committed ? end + 1 : undefined
    return { kind: 'events', records: notTooOld(metadata, records), next }
  }

  /** From a revision down, inclusive; the last event at most. */
  backward(stream: string, from: number, limit: number): StreamPage {
    const head = this.#log.heads.get(stream)
    if (this.#tombstoned(stream)) return { kind: 'deleted' }
    if (head.committed < 0 || head.visibleMetadata.softDeleted) return { kind: 'missing' }
    const metadata = metadataOf(stream, head.visibleMetadata)
    const lowest = firstVisible(metadata, head.committed)
    const start = Math.min(from, head.committed)
    if (start < lowest) return { kind: 'events', records: [], next: undefined }
    const end = Math.max(lowest, start - limit + 1)
    const records = this.#range(stream, end, start).toReversed()
    const next = end > lowest ? end - 1 : undefined
    return { kind: 'events', records: notTooOld(metadata, records), next }
  }

  last(stream: string): EventRecord | undefined {
    const page = this.backward(stream, tombstoneRevision, 1)
    return page.kind === 'events' ? page.records[0] : undefined
  }

  /** The event that a link points to, if it can still be seen. */
  visibleAt(stream: string, revision: number): EventRecord | undefined {
    const page = this.forward(stream, revision, 1)
    const found = page.kind === 'events' ? page.records[0] : undefined
    return found?.revision === revision ? found : undefined
  }

  #tombstoned(stream: string): boolean {
    const head = this.#log.heads.get(stream)
    if (head.visiblyTombstoned) return true
    return isMetadataStream(stream) && this.#log.heads.get(stream.slice(2)).visiblyTombstoned
  }

  #range(stream: string, from: number, to: number): EventRecord[] {
    return this.#log.range(this.#log.heads.get(stream), from, to)
  }
}

const metadataOf = (stream: string, metadata: StreamMetadata): StreamMetadata =>
  isMetadataStream(stream) ? ownMetadata : metadata

function notTooOld(metadata: StreamMetadata, records: EventRecord[]): EventRecord[] {
  if (metadata.maxAgeSeconds === undefined) return records
  const oldest = oldestVisibleMs(metadata, Date.now())
  return records.filter((record) => record.body.createdMs >= oldest)
}
