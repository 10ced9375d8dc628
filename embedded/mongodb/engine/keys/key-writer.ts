/** A growing byte buffer that is used again for every key, so that encoding allocates only the finished key. */
export class KeyWriter {
  bytes: Buffer = Buffer.allocUnsafe(1024)
  length = 0

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start)
    source.copy(this.bytes, this.length, start, end)
    this.length += end - start
  }

  uint16(value: number): void {
    this.reserve(2)
    this.length = this.bytes.writeUInt16BE(value, this.length)
  }

  uint32(value: number): void {
    this.reserve(4)
    this.length = this.bytes.writeUInt32BE(value >>> 0, this.length)
  }

  uint128(value: bigint): void {
    this.uint32(Number((value >> 96n) & 0xffffffffn))
    this.uint32(Number((value >> 64n) & 0xffffffffn))
    this.uint32(Number((value >> 32n) & 0xffffffffn))
    this.uint32(Number(value & 0xffffffffn))
  }

  /** Inverts what was written since `start`, so that it sorts the other way round. */
  invertFrom(start: number): void {
    for (let i = start; i < this.length; i++) this.bytes[i] = ~this.bytes.readUInt8(i)
  }

  finish(): Buffer {
    return Buffer.from(this.bytes.subarray(0, this.length))
  }

  reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(this.length + more, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }
}
