import { Code, refuse } from './status.ts'

const headerSize = 5

/** A length-prefixed gRPC message, ready for the wire. */
export function frame(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(headerSize + message.length)
  framed[0] = 0
  framed.writeUInt32BE(message.length, 1)
  framed.set(message, headerSize)
  return framed
}

/**
 * Cuts the bytes of a request stream into messages. Most chunks hold whole messages, which are handed on as
 * views of the chunk; only a message that spans chunks is copied together.
 */
export class MessageCutter {
  readonly #limit: number
  #rest: Buffer[] = []
  #restSize = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  cut(chunk: Buffer, deliver: (message: Buffer) => void): void {
    let bytes = chunk
    if (this.#restSize > 0) {
      this.#rest.push(chunk)
      this.#restSize += chunk.length
      const needed = this.#needed()
      if (this.#restSize < needed) return
      bytes = Buffer.concat(this.#rest)
      this.#rest = []
      this.#restSize = 0
    }
    let offset = 0
    while (bytes.length - offset >= headerSize) {
      const end = offset + headerSize + this.#length(bytes, offset)
      if (end > bytes.length) break
      deliver(bytes.subarray(offset + headerSize, end))
      offset = end
    }
    if (offset < bytes.length) {
      this.#rest = [bytes.subarray(offset)]
      this.#restSize = bytes.length - offset
    }
  }

  #needed(): number {
    const [first] = this.#rest
    if (first === undefined || first.length < headerSize) {
      const header = Buffer.concat(this.#rest)
      return header.length < headerSize ? headerSize : headerSize + this.#length(header, 0)
    }
    return headerSize + this.#length(first, 0)
  }

  #length(bytes: Buffer, offset: number): number {
    if (bytes[offset] !== 0) refuse(Code.unimplemented, 'Compressed messages are not supported.')
    const length = bytes.readUInt32BE(offset + 1)
    if (length > this.#limit) {
      refuse(Code.resourceExhausted, `Received message exceeds the maximum size of ${this.#limit} bytes.`)
    }
    return length
  }
}
