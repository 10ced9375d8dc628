import type { AllReader } from '../log/all-reader.ts'
import type { EventLog } from '../log/event-log.ts'
import type { StreamReader } from '../log/stream-reader.ts'
import type { Report } from '../report.ts'
import type { Access } from '../security/access.ts'

/** What the services work with. */
export interface NodeContext {
  readonly log: EventLog
  readonly all: AllReader
  readonly streams: StreamReader
  readonly access: Access
  readonly report: Report
}
