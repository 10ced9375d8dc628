/** MongoDB's limit of one message, header included. */
export const largestMessage = 48_000_000
export const headerSize = 16

export class OversizedMessage extends Error {}

/** Cuts a stream of chunks into messages. */
export class Framing {
  #chunks: Buffer[] = []
  #size = 0

  /** The messages that are complete with this chunk. */
  push(chunk: Buffer): Buffer[] {
    this.#chunks.push(chunk)
    this.#size += chunk.length
    const messages: Buffer[] = []
    for (
      let length = this.#nextLength();
      length !== undefined && length <= this.#size;
      length = this.#nextLength()
    )
      messages.push(this.#take(length))
    return messages
  }

  #nextLength(): number | undefined {
    if (this.#size < 4) return undefined
    if ((this.#chunks[0]?.length ?? 0) < 4) this.#join()
    const length = this.#chunks[0]?.readInt32LE(0)
    if (length !== undefined && (length < headerSize || length > largestMessage))
      throw new OversizedMessage(`message of ${length} bytes`)
    return length
  }

  #take(length: number): Buffer {
    if ((this.#chunks[0]?.length ?? 0) < length) this.#join()
    const first = this.#chunks[0] ?? Buffer.alloc(0)
    const message = first.subarray(0, length)
    if (first.length === length) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(length)
    this.#size -= length
    return message
  }

  #join(): void {
    this.#chunks = [Buffer.concat(this.#chunks)]
  }
}
