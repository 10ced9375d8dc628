import { headerSize, writeHeader } from './frames.ts'

/** A block is closed when it is this long: that far a reader has to look back for a header. */
const blockBytes = 64 * 1024

interface Block {
  readonly header: Buffer
  readonly position: number
  length: number
}

/** One commit as it will be written: records, with the headers of blocks between them. */
export class CommitFrames {
  readonly start: number
  #end: number
  readonly #parts: Buffer[] = []
  readonly #blocks: Block[] = []

  constructor(start: number) {
    this.start = start
    this.#end = start
  }

  get end(): number {
    return this.#end
  }

  get size(): number {
    return this.#end - this.start
  }

  /** Position of the record that is added next. */
  place(): number {
    const open = this.#blocks.at(-1)
    if (open === undefined || open.length >= blockBytes) {
      const header = Buffer.allocUnsafe(headerSize)
      this.#blocks.push({ header, position: this.#end, length: 0 })
      this.#parts.push(header)
      this.#end += headerSize
    }
    return this.#end
  }

  add(framed: Buffer): void {
    const open = this.#blocks.at(-1)
    if (open !== undefined) open.length += framed.length
    this.#parts.push(framed)
    this.#end += framed.length
  }

  /** The whole commit, in parts. */
  seal(): readonly Buffer[] {
    const last = this.#blocks.length - 1
    for (const [index, { header, position, length }] of this.#blocks.entries()) {
      writeHeader(header, { position, length, first: index === 0, last: index === last })
    }
    return this.#parts
  }
}
