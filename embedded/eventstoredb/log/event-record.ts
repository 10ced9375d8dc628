import { encodeRecorded, type ProposedEvent } from '../codec/recorded-event.ts'
import { bodyOf, idOf, viewRecorded, type RecordedBody } from '../codec/recorded-event-view.ts'
import { readResponseFrame } from '../codec/read-response.ts'
import { recordPrefix, recordSuffix, sealRecord } from './segments/frames.ts'

const room = { before: recordPrefix, after: recordSuffix }

/**
 * One event of the log. `position` is the byte offset of its record in the log, and `next` where it ends;
 * `bytes` is the encoded RecordedEvent, `framed` the same with lengths and checksum around it, as stored.
 */
export class EventRecord {
  readonly framed: Buffer
  readonly stream: string
  readonly revision: number
  readonly position: number
  readonly type: string
  readonly #rest: number
  #frame: Buffer | undefined

  private constructor(
    framed: Buffer,
    fields: { stream: string; revision: number; position: number; type: string },
    rest: number,
  ) {
    this.framed = framed
    this.stream = fields.stream
    this.revision = fields.revision
    this.position = fields.position
    this.type = fields.type
    this.#rest = rest
  }

  static propose(event: ProposedEvent, stream: string, revision: number, position: number): EventRecord {
    const framed = encodeRecorded({ stream, revision, position, createdMs: Date.now(), event }, room)
    sealRecord(framed)
    return new EventRecord(framed, { stream, revision, position, type: event.type }, -1)
  }

  static decode(framed: Buffer): EventRecord {
    const view = viewRecorded(framed.subarray(recordPrefix, framed.length - recordSuffix))
    return new EventRecord(framed, view, view.rest)
  }

  get next(): number {
    return this.position + this.framed.length
  }

  get bytes(): Buffer {
    return this.framed.subarray(recordPrefix, this.framed.length - recordSuffix)
  }

  get id(): string {
    return idOf(this.bytes)
  }

  get body(): RecordedBody {
    return bodyOf(this.bytes, this.#rest === -1 ? viewRecorded(this.bytes).rest : this.#rest)
  }

  /** The Streams.Read response that carries this event, encoded once for all that read or follow it. */
  get frame(): Buffer {
    this.#frame ??= readResponseFrame({ event: this.bytes, commit: this.position })
    return this.#frame
  }
}
