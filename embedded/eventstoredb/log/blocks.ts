import { LRUCache } from 'lru-cache'

import { EventRecord, lengthPrefix } from './event-record.ts'
import type { Block, Location, Store } from './store.ts'

const targetBlockSize = 64 * 1024
/** One page of large events must not fill the memory. */
const maxPageBytes = 1024 * 1024

/** Packs consecutive records into blocks: few writes for many records, and little to read for one. */
export function packBlocks(records: readonly EventRecord[]): Block[] {
  const blocks: Block[] = []
  let parts: Buffer[] = []
  let start = 0
  let size = 0
  const seal = (): void => {
    if (parts.length > 0) blocks.push({ start, bytes: Buffer.concat(parts, size) })
    parts = []
    size = 0
  }
  for (const record of records) {
    if (size > 0 && size + record.framed.length > targetBlockSize) seal()
    if (size === 0) start = record.position
    parts.push(record.framed)
    size += record.framed.length
  }
  seal()
  return blocks
}

/** Reads records out of stored blocks, through a small cache, as neighbours tend to be read together. */
export class BlockReader {
  readonly #store: Store
  readonly #cache = new LRUCache<number, Buffer>({
    maxSize: 8 * 1024 * 1024,
    sizeCalculation: (block) => Math.max(1, block.length),
  })

  constructor(store: Store) {
    this.#store = store
  }

  record({ position, block }: Location): EventRecord | undefined {
    const bytes = this.#block(block)
    return bytes === undefined ? undefined : recordIn(bytes, position - block)
  }

  /** Records from `position` (or the first one after it) up to `end`. */
  forward(position: number, end: number, limit: number): EventRecord[] {
    const records: EventRecord[] = []
    let block = this.#containing(position)
    while (block !== undefined && block.start < end && records.length < limit) {
      if (block.start - position > maxPageBytes) break
      for (const offset of offsetsIn(block.bytes)) {
        const at = block.start + offset
        if (at < position) continue
        if (at >= end || records.length >= limit) break
        const record = recordIn(block.bytes, offset)
        if (record !== undefined) records.push(record)
      }
      const next: number = block.start + block.bytes.length
      const bytes = next < end ? this.#block(next) : undefined
      block = bytes === undefined ? undefined : { start: next, bytes }
    }
    return records
  }

  /** Records that end at or before `position`, newest first. */
  backward(position: number, limit: number): EventRecord[] {
    const records: EventRecord[] = []
    let block = position > 0 ? this.#containing(position - 1) : undefined
    while (block !== undefined && records.length < limit) {
      const offsets = [...offsetsIn(block.bytes), block.bytes.length]
      for (let index = offsets.length - 2; index >= 0 && records.length < limit; index -= 1) {
        if (block.start + (offsets[index + 1] ?? 0) > position) continue
        const record = recordIn(block.bytes, offsets[index] ?? 0)
        if (record !== undefined) records.push(record)
      }
      block = block.start > 0 ? this.#containing(block.start - 1) : undefined
    }
    return records
  }

  startsAt(position: number): boolean {
    const block = this.#containing(position)
    if (block === undefined) return false
    for (const offset of offsetsIn(block.bytes)) if (block.start + offset === position) return true
    return false
  }

  #containing(position: number): Block | undefined {
    const exact = this.#block(position)
    return exact === undefined ? this.#store.blockAt(position) : { start: position, bytes: exact }
  }

  #block(start: number): Buffer | undefined {
    const cached = this.#cache.get(start)
    if (cached !== undefined) return cached
    const bytes = this.#store.block(start)
    if (bytes !== undefined) this.#cache.set(start, bytes)
    return bytes
  }
}

function* offsetsIn(block: Buffer): Iterable<number> {
  for (let offset = 0; offset < block.length; offset += lengthPrefix + block.readUInt32LE(offset))
    yield offset
}

function recordIn(block: Buffer, offset: number): EventRecord | undefined {
  if (offset < 0 || offset + lengthPrefix > block.length) return undefined
  return EventRecord.decode(block.subarray(offset, offset + lengthPrefix + block.readUInt32LE(offset)))
}
