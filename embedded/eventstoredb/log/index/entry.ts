import { hash } from 'node:crypto'

import { isMetadataStream, streamOfMetadata } from '../stream-metadata.ts'

/**
 * An index entry is 24 bytes: 11 of the stream name's hash, 1 of the kind, 6 of what is looked for (a revision, or an
 * event id's hash), 6 of the position in the log. In memory the first 18, which they are sorted by, are three
 * numbers. With 88 bits two streams don't meet; of event ids a few may, so their records are looked at.
 */
export const entrySize = 24

/** A stream as the index knows it. */
export interface StreamKey {
  readonly high: number
  /** With the kind in its lowest 8 bits. */
  readonly low: number
}

export interface EntryKey extends StreamKey {
  readonly sub: number
}

const byRevision = 0
const byId = 1
const ofMetadata = 2

/** A metadata stream has the hash of the stream that it describes, and another kind: most are looked up together. */
export function streamKey(name: string): StreamKey {
  const metadata = isMetadataStream(name)
  const digest = hash('sha256', metadata ? streamOfMetadata(name) : name, 'buffer')
  return { high: digest.readUIntBE(0, 6), low: digest.readUIntBE(6, 5) * 256 + (metadata ? ofMetadata : 0) }
}

export const metadataKey = ({ high, low }: StreamKey): StreamKey => ({ high, low: low + ofMetadata })

/** Of an entry by event id, as against one by revision. */
export const isById = ({ low }: StreamKey): boolean => (low & byId) !== 0

export const revisionKey = ({ high, low }: StreamKey, revision: number): EntryKey => ({
  high,
  low: low + byRevision,
  sub: revision,
})

export const idKey = ({ high, low }: StreamKey, id: string): EntryKey => ({
  high,
  low: low + byId,
  sub: idHash(id),
})

/** 48 bits of an event id, all of which count: some kinds of UUID differ in few places only. */
export function idHash(id: string): number {
  let one = 0x811c9dc5
  let two = 0x9e3779b9
  for (let index = 0; index < id.length; index += 1) {
    const code = id.charCodeAt(index)
    one = Math.imul(one ^ code, 0x01000193)
    two = Math.imul(two ^ code, 0x85ebca6b)
  }
  return ((two ^ (two >>> 15)) & 0xffff) * 0x1_0000_0000 + (one >>> 0)
}

/** Returns the offset of what comes after the entry. */
export function writeEntry(target: Buffer, offset: number, key: EntryKey, position: number): number {
  target.writeUIntBE(key.high, offset, 6)
  target.writeUIntBE(key.low, offset + 6, 6)
  target.writeUIntBE(key.sub, offset + 12, 6)
  return target.writeUIntBE(position, offset + 18, 6)
}

export const readKey = (bytes: Buffer, offset: number): EntryKey => ({
  high: bytes.readUIntBE(offset, 6),
  low: bytes.readUIntBE(offset + 6, 6),
  sub: bytes.readUIntBE(offset + 12, 6),
})

export const subOf = (bytes: Buffer, offset: number): number => bytes.readUIntBE(offset + 12, 6)
export const positionOf = (bytes: Buffer, offset: number): number => bytes.readUIntBE(offset + 18, 6)

/** Negative, zero or positive as the entry at `offset` sorts before, with or after the key. */
export function compareEntry(bytes: Buffer, offset: number, key: EntryKey): number {
  return (
    bytes.readUIntBE(offset, 6) - key.high ||
    bytes.readUIntBE(offset + 6, 6) - key.low ||
    bytes.readUIntBE(offset + 12, 6) - key.sub
  )
}

/** The same entries in their order. */
export function sortEntries(entries: Buffer): Buffer {
  const count = entries.length / entrySize
  const highs = new Float64Array(count)
  const lows = new Float64Array(count)
  const subs = new Float64Array(count)
  const order = new Uint32Array(count)
  for (let index = 0; index < count; index += 1) {
    const { high, low, sub } = readKey(entries, index * entrySize)
    highs[index] = high
    lows[index] = low
    subs[index] = sub
    order[index] = index
  }
  const by = (values: Float64Array, one: number, other: number): number =>
    (values[one] ?? 0) - (values[other] ?? 0)
  order.sort((one, other) => by(highs, one, other) || by(lows, one, other) || by(subs, one, other))
  const sorted = Buffer.allocUnsafe(entries.length)
  for (const [to, from] of order.entries()) {
    entries.copy(sorted, to * entrySize, from * entrySize, (from + 1) * entrySize)
  }
  return sorted
}
