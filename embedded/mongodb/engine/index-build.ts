import { emptyDocument } from '../bson/document.ts'
import type { RawDocument } from '../bson/types.ts'
import type { Collection, Index } from './collection.ts'
import { duplicateOf } from './duplicate-key.ts'
import type { Table } from '../../lmdb/environment.ts'
import { entryValue, keysOf } from './index-keys.ts'
import { decodeRecordNumber, encodeRecordNumber } from './record-number.ts'
import { SortedRuns } from './sorted-runs.ts'

interface Entry {
  readonly index: Index
  readonly key: Buffer
  readonly record: Buffer
}

/** So many documents are read before others have their turn. */
const documentsPerSlice = 500
/** Milliseconds for which entries are written before others have their turn, and about how many that are. */
const writingSlice = 10
export const entriesPerSlice = 4_000
/** Entries wait in memory to be written in order: neighbours share pages. */
const mostBytesWaiting = 32 * 1024 * 1024
const bytesPerEntry = 200

/**
 * Makes new indexes of one collection while it is being read and written. Slices of it run inside of the transactions
 * of the group commit, as all writes do, so for each record it is clear who writes its entries: the build, for what
 * was there at the beginning and hasn't been written since; whoever writes the record, for all the rest. Nobody reads
 * an index, and no catalog knows it, before it is complete, so a crash leaves nothing of it.
 */
export class IndexBuild {
  readonly indexes: readonly Index[]
  /** Resolves when it is over, however it ended. */
  readonly over: Promise<void>
  readonly finish: () => void
  readonly #collection: Collection
  readonly #end: number
  #scanned = 0
  readonly #waiting: SortedRuns<Entry>
  readonly #greatest = new Map<Table, Buffer>()
  #bytesWaiting = 0
  /** Records whose waiting entries are out of date: their writers have written the right ones. */
  readonly #rewritten = new Set<number>()
  #failure: { readonly error: unknown } | undefined

  constructor(collection: Collection, indexes: readonly Index[]) {
    this.#collection = collection
    this.indexes = indexes
    this.#end = collection.nextRecord
    this.#waiting = new SortedRuns(inOrder)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.over = promise
    this.finish = resolve
  }

  /** Ends the build: its next slice throws this. */
  fail(error: unknown): void {
    this.#failure ??= { error }
  }

  check(): void {
    if (this.#failure) throw this.#failure.error
  }

  /** A write of a record, within the same transaction. It stands whatever it means for the build. */
  follow(number: number, record: Buffer, old: RawDocument | undefined, next: RawDocument | undefined): void {
    if (this.#failure || (number > this.#scanned && number < this.#end)) return
    if (!this.#waiting.isEmpty) this.#rewritten.add(number)
    try {
      for (const index of this.indexes) {
        if (old) this.#remove(index, old, record)
        if (next) for (const key of this.#keysOf(index, next, record)) this.#put({ index, key, record })
      }
    } catch (error) {
      this.fail(error)
    }
  }

  /** Reads on; true when all has been read, or enough of it waits to be written. */
  read(): boolean {
    if (this.#failure) return true
    const start = encodeRecordNumber(this.#scanned + 1)
    const entries: Entry[] = []
    let documents = 0
    try {
      const range = { start, end: encodeRecordNumber(this.#end), limit: documentsPerSlice }
      for (const { key: record, value: document } of this.#collection.documents.getRange(range)) {
        documents++
        this.#scanned = decodeRecordNumber(record)
        for (const index of this.indexes)
          for (const key of this.#keysOf(index, document, record)) {
            entries.push({ index, key, record })
            this.#bytesWaiting += key.length + bytesPerEntry
          }
      }
    } catch (error) {
      this.fail(error)
    }
    this.#waiting.add(entries.sort(inOrder))
    if (documents < documentsPerSlice) this.#scanned = this.#end
    return this.#scanned === this.#end || this.#bytesWaiting >= mostBytesWaiting
  }

  /** Writes on; true when nothing waits. */
  write(): boolean {
    if (this.#failure) return true
    const ends = performance.now() + writingSlice
    try {
      for (let i = 1; !this.#waiting.isEmpty; i++) {
        if (i % 64 === 0 && performance.now() > ends) break
        const entry = this.#waiting.next()
        if (entry && !this.#rewritten.has(decodeRecordNumber(entry.record))) this.#put(entry)
      }
    } catch (error) {
      this.fail(error)
    }
    if (!this.#waiting.isEmpty) return false
    this.#bytesWaiting = 0
    this.#rewritten.clear()
    return true
  }

  get isComplete(): boolean {
    return this.#scanned === this.#end && this.#waiting.isEmpty
  }

  #keysOf(index: Index, document: RawDocument, record: Buffer): readonly Buffer[] {
    const { keys, multikey } = keysOf(index.definition, document, record)
    if (multikey) index.multikey = true
    return keys
  }

  /** What comes in order goes to the end, where pages are filled and nothing is looked for. */
  #put({ index: { definition, table }, key, record }: Entry): void {
    if (definition.unique && table.doesExist(key)) {
      const document = this.#collection.get(decodeRecordNumber(record)) ?? emptyDocument
      throw duplicateOf(this.#collection.namespace, definition, document, key)
    }
    const greatest = this.#greatest.get(table)
    const isGreater = greatest === undefined || key.compare(greatest) > 0
    if (isGreater) this.#greatest.set(table, key)
    table.putSync(key, entryValue(definition, record), { append: isGreater })
  }

  /** The entry may be another's: of a record that is a duplicate, which is yet to be found out. */
  #remove({ definition, table }: Index, old: RawDocument, record: Buffer): void {
    for (const key of keysOf(definition, old, record).keys)
      if (!definition.unique || table.getBinary(key)?.equals(record)) table.removeSync(key)
  }
}

/** By index, then by key, then by age. */
function inOrder(a: Entry, b: Entry): number {
  return a.index.id - b.index.id || a.key.compare(b.key) || a.record.compare(b.record)
}
