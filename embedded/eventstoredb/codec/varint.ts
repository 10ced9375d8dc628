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
