import type { Append, EventLog } from '../log/event-log.ts'

/** Resolves when the events are on disk; false if the stream takes none any more, because it is tombstoned. */
export function appendDurably(log: EventLog, write: Append): Promise<boolean> {
  return new Promise((resolve, reject) => {
    log.append(write, (result) => {
      if (result.kind === 'appended') resolve(true)
      else if (result.kind === 'deleted') resolve(false)
      else if (result.kind === 'failed') reject(result.error)
      else reject(new Error(`The stream ${write.stream} is not at revision ${write.expected}.`))
    })
  })
}
