import { createHash } from 'node:crypto'

import { open, type Database, type RootDatabase } from 'lmdb'

import { tombstoneRevision } from '../codec/recorded-event.ts'
import { keyOf, numberAt, pairKey } from './keys.ts'

/** Where a record is: its position, and the start of the block that holds it. */
export interface Location {
  readonly position: number
  readonly block: number
}

export interface IndexEntry extends Location {
  readonly streamId: number
  readonly revision: number
}

export interface IndexBatch {
  readonly names: readonly (readonly [name: string, streamId: number])[]
  readonly entries: readonly IndexEntry[]
  readonly indexedUpTo: number
  readonly nextStreamId: number
}

export interface Block {
  readonly start: number
  readonly bytes: Buffer
}

type Table = Database<Buffer, Buffer>

const longestNameKey = 1000
const indexedUpToKey = Buffer.from('indexed-up-to')
const nextStreamIdKey = Buffer.from('next-stream-id')

/**
 * The tables on disk: `log` holds the records in blocks, one or few for each commit, under the position of their
 * first; `streams` gives each stream name a number; `index` finds a record by stream number and revision. Only
 * the log is written by each commit. The index follows in larger steps, as one page of it holds few streams.
 */
export class Store {
  readonly #root: RootDatabase<Buffer, Buffer>
  readonly #log: Table
  readonly #streams: Table
  readonly #index: Table
  readonly #marks: Table

  constructor(directory: string, { durable }: { durable: boolean }) {
    this.#root = open<Buffer, Buffer>({
      path: directory,
      // With overlapping sync a commit's promise resolves before the flush: that would be no acknowledgement.
      overlappingSync: false,
      noSync: !durable,
      eventTurnBatching: false,
      noMemInit: true,
      maxDbs: 8,
    })
    const table = (name: string): Table =>
      this.#root.openDB<Buffer, Buffer>({ name, encoding: 'binary', keyEncoding: 'binary' })
    this.#log = table('log')
    this.#streams = table('streams')
    this.#index = table('index')
    this.#marks = table('marks')
  }

  /** Resolves when all of it is on disk. */
  async commit(blocks: readonly Block[], index: IndexBatch | undefined): Promise<void> {
    await this.#root.batch(() => {
      for (const block of blocks) void this.#log.put(keyOf(block.start), block.bytes)
      if (index !== undefined) this.#putIndex(index)
    })
    // Reads go on from the snapshot of their first read until told that there is a newer one.
    this.#root.resetReadTxn()
  }

  #putIndex(index: IndexBatch): void {
    for (const [name, streamId] of index.names) void this.#streams.put(nameKey(name), keyOf(streamId))
    for (const { streamId, revision, position, block } of index.entries) {
      void this.#index.put(pairKey(streamId, revision), pairKey(position, block))
    }
    void this.#marks.put(indexedUpToKey, keyOf(index.indexedUpTo))
    void this.#marks.put(nextStreamIdKey, keyOf(index.nextStreamId))
  }

  get indexedUpTo(): number {
    return numberAt(this.#marks.get(indexedUpToKey))
  }

  get nextStreamId(): number {
    return numberAt(this.#marks.get(nextStreamIdKey)) || 1
  }

  block(start: number): Buffer | undefined {
    return this.#log.get(keyOf(start))
  }

  /** The block that holds the byte at `position`, or the last one before it. */
  blockAt(position: number): Block | undefined {
    for (const { key, value } of this.#log.getRange({ start: keyOf(position), reverse: true, limit: 1 })) {
      return { start: numberAt(key), bytes: value }
    }
    return undefined
  }

  streamId(name: string): number | undefined {
    const value = this.#streams.get(nameKey(name))
    return value === undefined ? undefined : numberAt(value)
  }

  lastRevision(streamId: number): number {
    const [last] = this.locate(streamId, tombstoneRevision, 0, 1)
    return last?.revision ?? -1
  }

  /** Index entries from one revision to another, both included; descending when `from` is the larger. */
  locate(streamId: number, from: number, to: number, limit: number): IndexEntry[] {
    const reverse = from > to
    const found: IndexEntry[] = []
    const range = this.#index.getRange({
      start: pairKey(streamId, from),
      end: pairKey(streamId, to),
      inclusiveEnd: true,
      reverse,
      limit,
    })
    for (const { key, value } of range) {
      found.push({
        streamId,
        revision: numberAt(key, 6),
        position: numberAt(value),
        block: numberAt(value, 6),
      })
    }
    return found
  }

  async close(): Promise<void> {
    await this.#root.close()
  }
}

/** LMDB keys are short; a longer name goes by its hash, behind a byte that no UTF-8 name starts with. */
function nameKey(name: string): Buffer {
  const bytes = Buffer.from(name)
  if (bytes.length <= longestNameKey && bytes.length > 0) return bytes
  return Buffer.concat([Buffer.from([0xff]), createHash('sha256').update(bytes).digest()])
}
