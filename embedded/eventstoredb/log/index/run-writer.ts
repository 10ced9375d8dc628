import { crc32 } from 'node:zlib'

import type { StoreFile } from '../files/store-file.ts'
import { BloomFilter } from './bloom.ts'
import { entrySize, isById, readKey } from './entry.ts'
import { encodeFooter, entriesPerPage, pageHeaderSize, pageSize, sealPage } from './run-format.ts'

const pagesPerWrite = 32

/** Writes a run from entries that come in order, some pages at a time. */
export class RunWriter {
  readonly #file: StoreFile
  readonly #filter: BloomFilter
  readonly #pages = Buffer.allocUnsafe(pagesPerWrite * pageSize)
  #inPage = 0
  #ready = 0
  #written = 0
  #entries = 0
  #stream = { high: -1, low: -1 }

  /** `expected`: about how many entries there will be. */
  constructor(file: StoreFile, expected: number) {
    this.#file = file
    this.#filter = BloomFilter.forKeys(expected)
  }

  /** True when it is time to `flush`. */
  add(bytes: Buffer, offset: number): boolean {
    const key = readKey(bytes, offset)
    const sameStream = key.high === this.#stream.high && key.low === this.#stream.low
    if (!sameStream || isById(key)) this.#filter.add(key)
    if (!sameStream) this.#stream = key
    const page = this.#ready * pageSize
    bytes.copy(this.#pages, page + pageHeaderSize + this.#inPage * entrySize, offset, offset + entrySize)
    this.#inPage += 1
    this.#entries += 1
    if (this.#inPage === entriesPerPage) this.#sealPage()
    return this.#ready === pagesPerWrite
  }

  async flush(): Promise<void> {
    if (this.#ready > 0) await this.#file.append([this.#pages.subarray(0, this.#ready * pageSize)])
    this.#written += this.#ready
    this.#ready = 0
  }

  async finish(databaseId: Buffer, from: number, to: number): Promise<void> {
    if (this.#inPage > 0) this.#sealPage()
    await this.flush()
    const filter = this.#filter.bytes
    const facts = {
      databaseId,
      from,
      to,
      entries: this.#entries,
      pages: this.#written,
      filterBytes: filter.length,
      filterChecksum: crc32(filter),
    }
    await this.#file.append([filter, encodeFooter(facts)])
  }

  #sealPage(): void {
    const start = this.#ready * pageSize
    sealPage(this.#pages.subarray(start, start + pageSize), this.#inPage)
    this.#ready += 1
    this.#inPage = 0
  }
}
