import { crc32 } from 'node:zlib'

/**
 * What the log consists of, byte by byte. A commit is written as one or more blocks, each a header followed by
 * records:
 *
 *   header  mark · length of the records after it · own position · flags · checksum of the header · mark
 *   record  length · checksum of the body · body · length
 *
 * Lengths and marks stand at both ends, so that the log can be read in both directions; a mark has its highest
 * bit set, which no length has. Numbers are little-endian, 4 bytes wide, the position 6 and the flags 2.
 */
export const headerSize = 24
export const recordPrefix = 8
export const recordSuffix = 4
const recordOverhead = recordPrefix + recordSuffix

const openingMark = 0xc0de_e5d1
const closingMark = 0xc0de_e5d2
export const openingMarkBytes = Buffer.from([0xd1, 0xe5, 0xde, 0xc0])

/** No record is longer: a length beyond it is damage. */
const maxBody = 0x4000_0000

export interface BlockHeader {
  readonly position: number
  /** Of the records that follow. */
  readonly length: number
  readonly first: boolean
  /** Of its commit: only with it the commit is whole. */
  readonly last: boolean
}

export function writeHeader(target: Buffer, { position, length, first, last }: BlockHeader): void {
  target.writeUInt32LE(openingMark, 0)
  target.writeUInt32LE(length, 4)
  target.writeUIntLE(position, 8, 6)
  target.writeUInt16LE((first ? 1 : 0) + (last ? 2 : 0), 14)
  target.writeUInt32LE(crc32(target.subarray(0, 16)), 16)
  target.writeUInt32LE(closingMark, 20)
}

/** Puts lengths and checksum around a body that has room for them on both sides. */
export function sealRecord(framed: Buffer): void {
  const length = framed.length - recordOverhead
  framed.writeUInt32LE(length, 0)
  framed.writeUInt32LE(crc32(framed.subarray(recordPrefix, recordPrefix + length)), 4)
  framed.writeUInt32LE(length, framed.length - recordSuffix)
}

export type Frame =
  | { readonly kind: 'record'; readonly framed: Buffer; readonly size: number }
  | { readonly kind: 'header'; readonly header: BlockHeader; readonly size: number }
  /** The frame is longer than the bytes at hand. */
  | { readonly kind: 'cut'; readonly size: number }
  | { readonly kind: 'damaged'; readonly what: string }

const damaged = (what: string): Frame => ({ kind: 'damaged', what })

/** The frame that starts at `offset`, which stands for `position` of the log. */
export function frameAt(bytes: Buffer, offset: number, position: number): Frame {
  const rest = bytes.length - offset
  if (rest < 4) return { kind: 'cut', size: headerSize }
  const start = bytes.readUInt32LE(offset)
  return start === openingMark
    ? headerAt(bytes, offset, position)
    : recordAt(bytes, offset, start + recordOverhead)
}

/** The frame that ends at `offset`; what is cut off lies before the bytes at hand. */
export function frameBefore(bytes: Buffer, offset: number, position: number): Frame {
  if (offset < 4) return { kind: 'cut', size: headerSize }
  const end = bytes.readUInt32LE(offset - 4)
  const size = end === closingMark ? headerSize : end + recordOverhead
  if (size > maxBody) return damaged('no frame ends here')
  return size > offset ? { kind: 'cut', size } : frameAt(bytes, offset - size, position - size)
}

function headerAt(bytes: Buffer, offset: number, position: number): Frame {
  if (bytes.length - offset < headerSize) return { kind: 'cut', size: headerSize }
  if (bytes.readUInt32LE(offset + 16) !== crc32(bytes.subarray(offset, offset + 16)))
    return damaged('the checksum of a block header is wrong')
  const said = bytes.readUIntLE(offset + 8, 6)
  if (said !== position) return damaged(`a block header says that it belongs to ${said}, not ${position}`)
  const flags = bytes.readUInt16LE(offset + 14)
  const header = {
    position,
    length: bytes.readUInt32LE(offset + 4),
    first: (flags & 1) !== 0,
    last: (flags & 2) !== 0,
  }
  return { kind: 'header', header, size: headerSize }
}

function recordAt(bytes: Buffer, offset: number, size: number): Frame {
  if (size > maxBody) return damaged('no frame starts here')
  if (bytes.length - offset < size) return { kind: 'cut', size }
  const framed = bytes.subarray(offset, offset + size)
  const body = framed.subarray(recordPrefix, size - recordSuffix)
  if (framed.readUInt32LE(4) !== crc32(body)) return damaged('the checksum of a record is wrong')
  if (framed.readUInt32LE(size - recordSuffix) !== body.length)
    return damaged('a record is closed by another length than its own')
  return { kind: 'record', framed, size }
}
