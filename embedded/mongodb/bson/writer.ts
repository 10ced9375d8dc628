import { BsonType, type RawDocument, type RawValue } from './types.ts'

/** Builds one BSON document front to back, taking over ready bytes unchanged: replies carry documents they never opened. */
export class BsonWriter {
  #bytes: Buffer
  #at = 0
  readonly #open: number[] = []

  constructor(capacity = 256) {
    this.#bytes = Buffer.allocUnsafe(capacity)
    this.#begin()
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at
  }

  double(name: string, value: number): this {
    this.#header(BsonType.double, name, 8)
    this.#at = this.#bytes.writeDoubleLE(value, this.#at)
    return this
  }

  int32(name: string, value: number): this {
    this.#header(BsonType.int32, name, 4)
    this.#at = this.#bytes.writeInt32LE(value, this.#at)
    return this
  }

  int64(name: string, value: bigint): this {
    this.#header(BsonType.int64, name, 8)
    this.#at = this.#bytes.writeBigInt64LE(value, this.#at)
    return this
  }

  /** A count as MongoDB gives it: an int32, or an int64 where that is too small. */
  integer(name: string, value: number): this {
    return Math.abs(value) < 2 ** 31 ? this.int32(name, value) : this.int64(name, BigInt(value))
  }

  string(name: string, value: string): this {
    const size = Buffer.byteLength(value)
    this.#header(BsonType.string, name, size + 5)
    this.#at = this.#bytes.writeInt32LE(size + 1, this.#at)
    this.#at += this.#bytes.write(value, this.#at)
    this.#bytes[this.#at++] = 0
    return this
  }

  boolean(name: string, value: boolean): this {
    this.#header(BsonType.boolean, name, 1)
    this.#bytes[this.#at++] = value ? 1 : 0
    return this
  }

  null(name: string): this {
    this.#header(BsonType.null, name, 0)
    return this
  }

  document(name: string, document: RawDocument): this {
    this.#header(BsonType.object, name, document.length)
    return this.raw(document)
  }

  value(name: string, { type, bytes, start, end }: RawValue): this {
    this.#header(type, name, end - start)
    this.#at += bytes.copy(this.#bytes, this.#at, start, end)
    return this
  }

  /** Bytes of whole elements (or of a value whose header is written), as they are. */
  raw(bytes: Buffer): this {
    this.#reserve(bytes.length)
    this.#bytes.set(bytes, this.#at)
    this.#at += bytes.length
    return this
  }

  openDocument(name: string): this {
    this.#header(BsonType.object, name, 4)
    return this.#begin()
  }

  openArray(name: string): this {
    this.#header(BsonType.array, name, 4)
    return this.#begin()
  }

  close(): this {
    this.#reserve(1)
    this.#bytes[this.#at++] = 0
    const start = this.#open.pop()
    if (start === undefined) throw new Error('nothing is open')
    this.#bytes.writeInt32LE(this.#at - start, start)
    return this
  }

  /** Closes the document itself and gives its bytes. */
  finish(): RawDocument {
    this.close()
    if (this.#open.length > 0) throw new Error('an inner document is still open')
    return this.#bytes.subarray(0, this.#at)
  }

  #begin(): this {
    this.#reserve(4)
    this.#open.push(this.#at)
    this.#at += 4
    return this
  }

  #header(type: number, name: string, valueSize: number): void {
    this.#reserve(2 + name.length * 3 + valueSize)
    this.#bytes[this.#at++] = type
    this.#at += this.#bytes.write(name, this.#at)
    this.#bytes[this.#at++] = 0
  }

  #reserve(more: number): void {
    const needed = this.#at + more + 1
    if (needed <= this.#bytes.length) return
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2))
    this.#bytes.copy(grown, 0, 0, this.#at)
    this.#bytes = grown
  }
}
