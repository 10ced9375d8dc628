import { crc32 } from 'node:zlib'

import type { StoreFile } from '../files/store-file.ts'
import { BloomFilter } from './bloom.ts'
import { compareEntry, entrySize, type EntryKey } from './entry.ts'
import {
  countIn,
  decodeFooter,
  entriesPerPage,
  pageHeaderSize,
  pageSize,
  readPages,
  type RunFacts,
} from './run-format.ts'
import type { PageCache } from './page-cache.ts'

const pagesPerRead = 32

/** A sorted part of the index, on disk and never changed. */
export class Run {
  readonly name: string
  readonly facts: RunFacts
  readonly #file: StoreFile
  readonly #filter: BloomFilter
  readonly #cache: PageCache
  readonly #number: number

  private constructor(file: StoreFile, name: string, facts: RunFacts, filter: BloomFilter, cache: PageCache) {
    this.name = name
    this.facts = facts
    this.#file = file
    this.#filter = filter
    this.#cache = cache
    this.#number = cache.newRun()
  }

  /** Undefined if the file isn't a whole run: the log has what it should say. */
  static open(file: StoreFile, name: string, cache: PageCache): Run | undefined {
    const facts = decodeFooter(file)
    if (facts === undefined) return undefined
    const filter = file.read(facts.pages * pageSize, facts.filterBytes)
    if (crc32(filter) !== facts.filterChecksum) return undefined
    return new Run(file, name, facts, new BloomFilter(filter), cache)
  }

  mayHave(key: EntryKey): boolean {
    return this.#filter.mayHave(key)
  }

  /** Number of the first entry that doesn't sort before the key. */
  lowerBound(key: EntryKey): number {
    let low = 0
    let high = this.facts.entries
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.visit(middle, (page, offset) => compareEntry(page, offset, key)) < 0) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Calls with the page and the offset in it of the entry of a number. */
  visit<Seen>(entry: number, see: (page: Buffer, offset: number) => Seen): Seen {
    const page = Math.floor(entry / entriesPerPage)
    return see(this.#page(page), pageHeaderSize + (entry % entriesPerPage) * entrySize)
  }

  /** All entries in order, for a merge: read in larger pieces, and past the cache. */
  *entries(): Generator<Buffer, void, void> {
    for (let first = 0; first < this.facts.pages; first += pagesPerRead) {
      const count = Math.min(pagesPerRead, this.facts.pages - first)
      const bytes = readPages(this.#file, first, count)
      for (let index = 0; index < count; index += 1) {
        const page = bytes.subarray(index * pageSize, (index + 1) * pageSize)
        const end = pageHeaderSize + countIn(page) * entrySize
        for (let at = pageHeaderSize; at < end; at += entrySize) yield page.subarray(at, at + entrySize)
      }
    }
  }

  close(): Promise<void> {
    return this.#file.close()
  }

  #page(page: number): Buffer {
    return this.#cache.page(this.#number, page, () => readPages(this.#file, page, 1))
  }
}
