import { tombstoneRevision, type ProposedEvent } from '../codec/recorded-event.ts'
import { checkCommit, type ExpectedRevision, type StreamState, type Verdict } from './commit-check.ts'
import { EventRecord } from './event-record.ts'
import type { Files } from './files/store-file.ts'
import type { Entry } from './fresh-records.ts'
import { GroupCommit } from './group-commit.ts'
import type { StreamIndex } from './index/stream-index.ts'
import type { Indexer } from './indexer.ts'
import { proposeDeletion, proposeMetadata, proposeTombstone } from './own-events.ts'
import { warn, type Report } from '../report.ts'
import { openLog, type LogParts } from './recovery.ts'
import type { LogReader } from './segments/log-reader.ts'
import type { Segments } from './segments/segments.ts'
import type { StreamHeads } from './stream-heads.ts'
import type { StreamHead } from './stream-head.ts'
import { isMetadataStream, metadataStream, streamOfMetadata, withTruncateBefore } from './stream-metadata.ts'
import { Tail } from './tail.ts'

export interface Append {
  readonly stream: string
  readonly expected: ExpectedRevision
  readonly events: readonly ProposedEvent[]
}

export type AppendResult =
  | { readonly kind: 'appended'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'wrong-revision'; readonly current: number }
  | { readonly kind: 'deleted' }
  | { readonly kind: 'failed'; readonly error: Error }

type Done = (result: AppendResult) => void
export type CommitListener = (records: readonly EventRecord[]) => void

export interface LogOptions {
  /** The log is written in files of about this size. */
  readonly segmentBytes?: number
  /** Told what a person should know of: an append cut short by a crash, an index made anew, a failing disk. */
  readonly report?: Report
}

const defaultSegmentBytes = 64 * 1024 * 1024

/** The log: appends are checked at once, against what is pending too, and answered when they are durable. */
export class EventLog {
  readonly heads: StreamHeads
  readonly reader: LogReader
  readonly tail = new Tail()
  readonly #segments: Segments
  readonly #index: StreamIndex
  readonly #indexer: Indexer
  readonly #commit: GroupCommit
  readonly #report: Report
  readonly #listeners = new Set<CommitListener>()
  /** End of what is durable, and so may be read. */
  #visibleEnd: number
  #lastPosition: number

  private constructor(parts: LogParts, report: Report) {
    const { segments, index, reader, heads, indexer, lastPosition } = parts
    this.#segments = segments
    this.#index = index
    this.reader = reader
    this.heads = heads
    this.#indexer = indexer
    this.#report = report
    this.#visibleEnd = segments.end
    this.#lastPosition = lastPosition
    this.#commit = new GroupCommit(segments, segments.end, (entries, end) => this.#publish(entries, end))
    indexer.onFailure = (error) => {
      this.#report(`The index can't be written: ${error.message}`)
      this.#commit.fail(error)
    }
  }

  /** Opens what is there or begins anew. Rejects with DamagedStore if what is there isn't what was written. */
  static async open(files: Files, options: LogOptions = {}): Promise<EventLog> {
    const { segmentBytes = defaultSegmentBytes, report = warn } = options
    return new EventLog(await openLog(files, { segmentBytes, report }), report)
  }

  get visibleEnd(): number {
    return this.#visibleEnd
  }

  /** Position of the last visible record, 0 in an empty log. */
  get lastPosition(): number {
    return this.#lastPosition
  }

  get backlog(): number {
    return this.#commit.backlog
  }

  /** Calls back when what is accepted so far is on disk. */
  whenDurable(done: () => void): void {
    this.#commit.whenDurable(done)
  }

  /** Listeners hear of records when they are durable, before their writers do. */
  onCommit(listener: CommitListener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Records of one stream between two revisions, both included. */
  range(head: StreamHead, from: number, to: number): EventRecord[] {
    const firstRecent = head.recent[0]?.revision ?? Number.POSITIVE_INFINITY
    const records: EventRecord[] = []
    if (from < firstRecent) {
      const positions = this.#index.locate(head.key, from, Math.min(to, firstRecent - 1))
      for (const record of this.reader.records(positions)) records.push(record)
    }
    for (let revision = Math.max(from, firstRecent); revision <= to; revision += 1) {
      const record = head.recentAt(revision)
      if (record !== undefined) records.push(record)
    }
    return records
  }

  /** Of the event of a stream that has this id, pending ones included. */
  revisionOf(id: string, head: StreamHead): number | undefined {
    const fresh = this.#indexer.fresh.revisionOf(id, head.name)
    if (fresh !== undefined) return fresh
    for (const position of this.#index.candidates(head.key, id)) {
      const record = this.reader.record(position)
      if (record.id === id && record.stream === head.name) return record.revision
    }
    return undefined
  }

  append(write: Append, done: Done): void {
    const head = this.heads.get(write.stream)
    const verdict = checkCommit(this.#state(head), write.expected, write.events)
    if (verdict.kind !== 'append') {
      this.#answer(head, verdict, done)
      return
    }
    // A soft-deleted stream that is written to lives again, from its new event on.
    const owner = this.#ownerOf(head)
    const revives = owner.metadata.softDeleted
    const revivedFrom = owner.revision + 1
    let last: EventRecord | undefined
    for (const event of write.events) last = this.#record(head, event, head.revision + 1)
    if (revives && last !== undefined) this.#truncateBefore(owner, revivedFrom)
    const revision = head.revision
    const position = last?.position
    this.#whenDurable(done, () => ({ kind: 'appended', revision, position }))
  }

  /** Soft delete: the events stay in `$all`, the stream reads as missing until it is written to again. */
  delete(stream: string, expected: ExpectedRevision, done: Done): void {
    this.#markEnd(stream, expected, done, (head) => {
      if (head.revision < 0 && !head.hasMetadata) return undefined
      const metadata = this.heads.get(metadataStream(stream))
      return this.#record(metadata, proposeDeletion(), metadata.revision + 1)
    })
  }

  /** Hard delete, for good. */
  tombstone(stream: string, expected: ExpectedRevision, done: Done): void {
    this.#markEnd(stream, expected, done, (head) => this.#record(head, proposeTombstone(), tombstoneRevision))
  }

  async close(): Promise<void> {
    await this.#commit.finish()
    await this.#indexer.idle()
    await this.#index.close()
    await this.#segments.close()
  }

  #markEnd(
    stream: string,
    expected: ExpectedRevision,
    done: Done,
    write: (head: StreamHead) => EventRecord | undefined,
  ): void {
    const head = this.heads.get(stream)
    // The mark of the end is new each time, so it can never pass for a resent event.
    const verdict = checkCommit(this.#state(head), expected, [{ id: '' }])
    const record = verdict.kind === 'append' ? write(head) : undefined
    if (record === undefined) {
      this.#answer(head, verdict.kind === 'append' ? { kind: 'wrong-revision' } : verdict, done)
      return
    }
    const { revision, position } = record
    this.#whenDurable(done, () => ({ kind: 'appended', revision, position }))
  }

  #record(head: StreamHead, event: ProposedEvent, revision: number): EventRecord {
    const record = EventRecord.propose(event, head.name, revision, this.#commit.place())
    const entry: Entry = { record, head, hasKnownId: event.own !== true }
    head.revision = revision
    head.remember(record)
    this.heads.hold(head)
    this.#indexer.fresh.note(event.id, entry)
    this.heads.noteMetadata(record, { visible: false })
    this.#commit.add(entry)
    return record
  }

  /** The stream that a head's metadata is about: for a metadata stream the one that it describes. */
  #ownerOf(head: StreamHead): StreamHead {
    return isMetadataStream(head.name) ? this.heads.get(streamOfMetadata(head.name)) : head
  }

  #truncateBefore(head: StreamHead, revision: number): void {
    const metadata = this.heads.get(metadataStream(head.name))
    const json = withTruncateBefore(this.heads.at(metadata, metadata.revision)?.body.data, revision)
    this.#record(metadata, proposeMetadata(json), metadata.revision + 1)
  }

  #state(head: StreamHead): StreamState {
    return {
      revision: head.revision,
      tombstoned: head.tombstoned || this.#ownerOf(head).tombstoned,
      softDeleted: head.metadata.softDeleted,
      hasMetadata: head.hasMetadata,
      idAt: (revision) => this.heads.at(head, revision)?.id,
      revisionOf: (id) => this.revisionOf(id, head),
    }
  }

  /** Answers that rest on something pending wait until it is durable: they must not outlive it. */
  #answer(head: StreamHead, verdict: Verdict, done: Done): void {
    const result = this.#resultOf(head, verdict)
    if (head.pending) this.#whenDurable(done, () => result)
    else done(result)
  }

  #resultOf(head: StreamHead, verdict: Verdict): AppendResult {
    if (verdict.kind === 'deleted') return { kind: 'deleted' }
    if (verdict.kind !== 'already') return { kind: 'wrong-revision', current: head.revision }
    const last = this.heads.at(head, verdict.last)
    return { kind: 'appended', revision: verdict.last, position: last?.position }
  }

  #whenDurable(done: Done, result: () => AppendResult): void {
    this.#commit.whenDurable((error) => done(error === undefined ? result() : { kind: 'failed', error }))
  }

  #publish(entries: readonly Entry[], end: number): Promise<void> | undefined {
    const records: EventRecord[] = []
    for (const { record, head } of entries) {
      head.committed = record.revision
      this.tail.push(record)
      records.push(record)
      this.#lastPosition = record.position
      this.heads.noteMetadata(record, { visible: true })
    }
    this.#visibleEnd = end
    this.#indexer.add(entries)
    for (const listener of this.#listeners) {
      try {
        listener(records)
      } catch (error) {
        // One reader's trouble, a damaged record it wants for example, must not keep the others from their events.
        this.#report(`A reader of the log has failed: ${String(error)}`)
      }
    }
    return this.#indexer.room
  }
}
