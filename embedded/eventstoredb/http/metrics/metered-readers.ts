import { AllReader } from '../../log/all-reader.ts'
import type { EventLog } from '../../log/event-log.ts'
import type { EventRecord } from '../../log/event-record.ts'
import { StreamReader, type StreamPage } from '../../log/stream-reader.ts'
import type { Meters } from './meters.ts'

/** Reads the log and counts what it reads, whoever it is for. */
export class MeteredAllReader extends AllReader {
  readonly #meters: Meters

  constructor(log: EventLog, meters: Meters) {
    super(log)
    this.#meters = meters
  }

  override forward(position: number, limit: number): EventRecord[] {
    return this.#counted(super.forward(position, limit))
  }

  override backward(position: number, limit: number): EventRecord[] {
    return this.#counted(super.backward(position, limit))
  }

  #counted(records: EventRecord[]): EventRecord[] {
    this.#meters.countRead(records)
    return records
  }
}

/** Reads streams and counts what it reads, whoever it is for. */
export class MeteredStreamReader extends StreamReader {
  readonly #meters: Meters

  constructor(log: EventLog, meters: Meters) {
    super(log)
    this.#meters = meters
  }

  override forward(stream: string, from: number, limit: number): StreamPage {
    return this.#counted(super.forward(stream, from, limit))
  }

  override backward(stream: string, from: number, limit: number): StreamPage {
    return this.#counted(super.backward(stream, from, limit))
  }

  #counted(page: StreamPage): StreamPage {
    if (page.kind === 'events') this.#meters.countRead(page.records)
    return page
  }
}
