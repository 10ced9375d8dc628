/** Numbers as keys that sort: 48 bits, big-endian, single or in pairs. */
const width = 6

export function keyOf(value: number): Buffer {
  const key = Buffer.allocUnsafe(width)
  key.writeUIntBE(value, 0, width)
  return key
}

export function pairKey(first: number, second: number): Buffer {
  const key = Buffer.allocUnsafe(2 * width)
  key.writeUIntBE(first, 0, width)
  key.writeUIntBE(second, width, width)
  return key
}

/** Keys come back from the store as plain bytes. */
export function numberAt(bytes: Uint8Array | undefined, offset = 0): number {
  if (bytes === undefined) return 0
  let value = 0
  for (let at = offset; at < offset + width; at += 1) value = value * 256 + (bytes[at] ?? 0)
  return value
}
