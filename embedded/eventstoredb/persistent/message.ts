import type { EventRecord } from '../log/event-record.ts'
import type { Step } from './progress.ts'

/** An event on its way through a group. */
export interface Message {
  /** By which clients ack it: that of the original record, so of the link if there is one. */
  readonly id: string
  /** Place in the source. Messages replayed from the parked stream come after all others. */
  readonly sequence: number
  readonly event: EventRecord | undefined
  readonly link: EventRecord | undefined
  retryCount: number
  readonly step: Step
  /** Where a pinning strategy has put it, once it has been asked. */
  bucket: number | undefined
}

export const originalOf = (message: Message): EventRecord | undefined => message.link ?? message.event
