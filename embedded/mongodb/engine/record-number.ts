/**
 * Documents are kept under numbers that only grow, eight bytes each, so that a batch of new ones fills a few pages at
 * the end of a table whatever their ids are, and the order of a table is the order in which they came.
 */
export const recordNumberSize = 8

const secondWord = 0x1_0000_0000

export function encodeRecordNumber(record: number): Buffer {
  const bytes = Buffer.allocUnsafe(recordNumberSize)
  bytes.writeUInt32BE(Math.floor(record / secondWord), 0)
  bytes.writeUInt32BE(record >>> 0, 4)
  return bytes
}

export function decodeRecordNumber(bytes: Buffer, at = 0): number {
  return bytes.readUInt32BE(at) * secondWord + bytes.readUInt32BE(at + 4)
}
