import type { AllReader } from '../log/all-reader.ts'
import type { EventLog } from '../log/event-log.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import type { Report } from '../report.ts'

/** What projections read and write with, and whom they tell what goes wrong. */
export interface Readers {
  readonly log: EventLog
  readonly all: AllReader
  readonly streams: StreamReader
  readonly report: Report
}
