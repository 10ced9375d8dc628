import type { ProposedEvent } from '../codec/recorded-event.ts'
import { Expected } from '../log/commit-check.ts'
import type { AppendResult, EventLog } from '../log/event-log.ts'

/** Writes an event of the groups' own bookkeeping; calls back when it is on disk, or with what is in the way. */
export function writeOwn(
  log: EventLog,
  stream: string,
  event: ProposedEvent,
  done: (error: Error | undefined) => void,
): void {
  log.append({ stream, expected: Expected.any, events: [event] }, (result) => {
    done(result.kind === 'appended' ? undefined : failureOf(stream, result))
  })
}

export function failureOf(stream: string, result: AppendResult): Error {
  const why = result.kind === 'failed' ? result.error.message : result.kind
  return new Error(`${stream} can't be written to: ${why}`)
}
