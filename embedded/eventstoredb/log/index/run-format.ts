import { crc32 } from 'node:zlib'

import { DamagedStore, type StoreFile } from '../files/store-file.ts'
import { entrySize } from './entry.ts'

/**
 * A run is a file of sorted entries that covers a stretch of the log: pages, each with a checksum, then the filter,
 * then a footer that says what all of it is. A file without its footer was never finished.
 */
export const pageSize = 4096
export const pageHeaderSize = 16
export const entriesPerPage = Math.floor((pageSize - pageHeaderSize) / entrySize)
export const footerSize = 64

const pageDamage =
  'the checksum of an index page is wrong; without this file the node makes it anew from the log when it starts'

const magic = Buffer.from('esdb idx1')

/** `from` and `to` are positions of the log: entries of the records in between are in the run, and no others. */
export interface RunFacts {
  readonly databaseId: Buffer
  readonly from: number
  readonly to: number
  readonly entries: number
  readonly pages: number
  readonly filterBytes: number
  readonly filterChecksum: number
}

export function sealPage(page: Buffer, count: number): void {
  page.writeUInt16LE(count, 4)
  page.fill(0, 6, pageHeaderSize)
  page.fill(0, pageHeaderSize + count * entrySize)
  page.writeUInt32LE(crc32(page.subarray(4)), 0)
}

export const countIn = (page: Buffer): number => page.readUInt16LE(4)

export function readPages(file: StoreFile, first: number, count: number): Buffer {
  const bytes = file.read(first * pageSize, count * pageSize)
  for (let index = 0; index < count; index += 1) {
    const page = bytes.subarray(index * pageSize, (index + 1) * pageSize)
    if (page.length < pageSize || page.readUInt32LE(0) !== crc32(page.subarray(4)))
      throw new DamagedStore(file.path, (first + index) * pageSize, pageDamage)
  }
  return bytes
}

export function encodeFooter(facts: RunFacts): Buffer {
  const footer = Buffer.alloc(footerSize)
  magic.copy(footer)
  facts.databaseId.copy(footer, 9)
  footer.writeUIntLE(facts.from, 25, 6)
  footer.writeUIntLE(facts.to, 31, 6)
  footer.writeUIntLE(facts.entries, 37, 6)
  footer.writeUInt32LE(facts.pages, 43)
  footer.writeUInt32LE(facts.filterBytes, 47)
  footer.writeUInt32LE(facts.filterChecksum, 51)
  footer.writeUInt32LE(crc32(footer.subarray(0, 60)), 60)
  return footer
}

/** Undefined unless the footer and all that it speaks of is there. */
export function decodeFooter(file: StoreFile): RunFacts | undefined {
  if (file.size < footerSize) return undefined
  const footer = file.read(file.size - footerSize, footerSize)
  if (!footer.subarray(0, magic.length).equals(magic)) return undefined
  if (footer.readUInt32LE(60) !== crc32(footer.subarray(0, 60))) return undefined
  const facts = {
    databaseId: Buffer.from(footer.subarray(9, 25)),
    from: footer.readUIntLE(25, 6),
    to: footer.readUIntLE(31, 6),
    entries: footer.readUIntLE(37, 6),
    pages: footer.readUInt32LE(43),
    filterBytes: footer.readUInt32LE(47),
    filterChecksum: footer.readUInt32LE(51),
  }
  return file.size === facts.pages * pageSize + facts.filterBytes + footerSize ? facts : undefined
}
