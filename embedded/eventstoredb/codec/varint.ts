/** Varints of numbers up to 2^53, written straight into a buffer: the hot paths need no message builder. */
export function varintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size += 1
  return size
}

/** Returns the offset after the varint. */
export function writeVarint(target: Buffer, offset: number, value: number): number {
  let rest = value
  let at = offset
  while (rest >= 128) {
    target[at] = (rest % 128) | 128
    rest = Math.floor(rest / 128)
    at += 1
  }
  target[at] = rest
  return at + 1
}

/** A field that may be left out, with a tag of one byte. */
export const bytesFieldSize = (bytes: Uint8Array | undefined): number =>
  bytes === undefined ? 0 : 1 + varintSize(bytes.length) + bytes.length

export function writeBytesField(
  target: Buffer,
  at: number,
  tag: number,
  bytes: Uint8Array | undefined,
): number {
  if (bytes === undefined) return at
  target[at] = tag
  const start = writeVarint(target, at + 1, bytes.length)
  target.set(bytes, start)
  return start + bytes.length
}
