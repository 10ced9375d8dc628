import { packBlocks } from './blocks.ts'
import type { EventRecord } from './event-record.ts'
import type { IndexBatch, IndexEntry, Store } from './store.ts'
import type { StreamHead } from './stream-head.ts'

export interface Entry {
  readonly record: EventRecord
  readonly head: StreamHead
  /** Start of the block that holds the record, known once it is packed. */
  block: number
}

type Answer = (failure: Error | undefined) => void

interface Batch {
  readonly entries: Entry[]
  readonly answers: Answer[]
  bytes: number
}

export type CommitStore = Pick<Store, 'commit' | 'nextStreamId'>

export interface CommitEvents {
  /** The entries are on disk: make them visible. Called before anyone is answered. */
  onDurable(entries: readonly Entry[]): void
  /** The index has these entries now. */
  onIndexed(entries: readonly Entry[]): void
}

/** The index is brought up to date in steps of about this many records. */
const indexStep = 512

/**
 * Group commit: what arrives while one commit is being flushed shares the next. There is no waiting for more to
 * arrive, so that a lone append is as fast as the disk.
 */
export class GroupCommit {
  readonly #store: CommitStore
  readonly #events: CommitEvents
  #open: Batch = emptyBatch()
  #running = false
  #failure: Error | undefined
  #unindexed: Entry[]
  #nextStreamId: number
  #idle: (() => void)[] = []
  #bytesInFlight = 0

  /** `unindexed`: records found in the log at start that the index lacks. */
  constructor(store: CommitStore, events: CommitEvents, unindexed: readonly Entry[]) {
    this.#store = store
    this.#events = events
    this.#unindexed = [...unindexed]
    this.#nextStreamId = store.nextStreamId
  }

  get failure(): Error | undefined {
    return this.#failure
  }

  /** Bytes accepted and not yet on disk: what producers have to be slowed down by. */
  get backlog(): number {
    return this.#bytesInFlight + this.#open.bytes
  }

  add(entry: Entry): void {
    this.#open.entries.push(entry)
    this.#open.bytes += entry.record.framed.length
    this.#schedule()
  }

  /** Calls back when all that was added so far is durable, or can't become so. */
  whenDurable(answer: Answer): void {
    if (this.#failure !== undefined) answer(this.#failure)
    else {
      this.#open.answers.push(answer)
      this.#schedule()
    }
  }

  /** Resolves when nothing is under way any more, with the index complete. */
  async finish(): Promise<void> {
    if (this.#running) await new Promise<void>((resolve) => this.#idle.push(resolve))
    if (this.#failure === undefined && this.#unindexed.length > 0) await this.#write([], this.#unindexed)
  }

  #schedule(): void {
    if (this.#running) return
    this.#running = true
    // After this turn's input has been read: requests that came in one packet belong in one commit.
    setImmediate(() => void this.#run())
  }

  async #run(): Promise<void> {
    while (this.#open.answers.length > 0 || this.#open.entries.length > 0) {
      const batch = this.#open
      this.#open = emptyBatch()
      this.#bytesInFlight = batch.bytes
      await this.#settle(batch)
      this.#bytesInFlight = 0
    }
    this.#running = false
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #settle(batch: Batch): Promise<void> {
    const indexed = this.#unindexed.length >= indexStep ? this.#unindexed : []
    if (this.#failure === undefined && batch.entries.length > 0) await this.#write(batch.entries, indexed)
    for (const answer of batch.answers) answer(this.#failure)
  }

  async #write(entries: readonly Entry[], indexed: Entry[]): Promise<void> {
    const blocks = packBlocks(entries.map((entry) => entry.record))
    let current = 0
    for (const entry of entries) {
      while ((blocks[current + 1]?.start ?? Number.POSITIVE_INFINITY) <= entry.record.position) current += 1
      entry.block = blocks[current]?.start ?? entry.record.position
    }
    try {
      await this.#store.commit(blocks, indexed.length > 0 ? this.#indexBatch(indexed) : undefined)
    } catch (error) {
      // Heads are ahead of the log now, and nobody knows what the disk holds: take no more until a restart.
      this.#failure = error instanceof Error ? error : new Error(String(error))
      return
    }
    if (indexed.length > 0) this.#unindexed = []
    this.#events.onIndexed(indexed)
    for (const entry of entries) this.#unindexed.push(entry)
    this.#events.onDurable(entries)
  }

  #indexBatch(entries: readonly Entry[]): IndexBatch {
    const names: [string, number][] = []
    const rows: IndexEntry[] = []
    for (const { head, record, block } of entries) {
      if (head.id === 0) {
        head.id = this.#nextStreamId
        this.#nextStreamId += 1
        names.push([head.name, head.id])
      }
      rows.push({ streamId: head.id, revision: record.revision, position: record.position, block })
    }
    const indexedUpTo = entries.at(-1)?.record.next ?? 0
    return { names, entries: rows, indexedUpTo, nextStreamId: this.#nextStreamId }
  }
}

const emptyBatch = (): Batch => ({ entries: [], answers: [], bytes: 0 })
