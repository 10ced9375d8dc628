import type { AllReader } from '../log/all-reader.ts'
import type { EventLog } from '../log/event-log.ts'
import type { StreamReader } from '../log/stream-reader.ts'

/** What projections read and write with. */
export interface Readers {
  readonly log: EventLog
  readonly all: AllReader
  readonly streams: StreamReader
}
