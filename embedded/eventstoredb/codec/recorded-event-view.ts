import { tombstoneRevision } from './recorded-event.ts'

/** Reads the fields of an encoded RecordedEvent in the one order in which `encodeRecorded` writes them. */
export interface RecordedView {
  readonly stream: string
  readonly revision: number
  readonly position: number
  readonly type: string
  /** Offset of the first byte after the type's entry, where `created` follows. */
  readonly rest: number
}

export interface RecordedBody {
  readonly createdMs: number
  readonly json: boolean
  readonly metadata: Buffer
  readonly data: Buffer
}

const idStart = 4
const idEnd = 40

export const idOf = (bytes: Buffer): string => bytes.toString('latin1', idStart, idEnd)

export function viewRecorded(bytes: Buffer): RecordedView {
  const cursor = new Cursor(bytes, idEnd + 1)
  cursor.varint()
  cursor.at += 1
  const streamLength = cursor.varint()
  const stream = bytes.toString('utf8', cursor.at, cursor.at + streamLength)
  cursor.at += streamLength + 1
  const revision = Math.min(cursor.varint(), tombstoneRevision)
  cursor.at += 1
  const position = cursor.varint()
  cursor.at += 1
  cursor.varint()
  cursor.at += 1
  cursor.varint()
  cursor.at += 7
  const typeLength = cursor.varint()
  const type = bytes.toString('utf8', cursor.at, cursor.at + typeLength)
  return { stream, revision, position, type, rest: cursor.at + typeLength }
}

export function bodyOf(bytes: Buffer, rest: number): RecordedBody {
  const cursor = new Cursor(bytes, rest + 1)
  cursor.varint()
  cursor.at += 10
  const createdLength = cursor.varint()
  const ticks = bytes.toString('latin1', cursor.at, cursor.at + createdLength)
  cursor.at += createdLength + 1
  const contentLength = cursor.varint()
  // The entry of "application/json" is 32 bytes long, that of "application/octet-stream" 40.
  const json = contentLength === 32
  cursor.at += contentLength + 1
  const metadata = cursor.bytes()
  cursor.at += 1
  const data = cursor.bytes()
  return { createdMs: Number(ticks.slice(0, -4)), json, metadata, data }
}

class Cursor {
  readonly #bytes: Buffer
  at: number

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes
    this.at = at
  }

  varint(): number {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = this.#bytes[this.at] ?? 0
      this.at += 1
      value += (byte & 127) * scale
      if (byte < 128) return value
      scale *= 128
    }
  }

  bytes(): Buffer {
    const length = this.varint()
    const start = this.at
    this.at += length
    return this.#bytes.subarray(start, start + length)
  }
}
