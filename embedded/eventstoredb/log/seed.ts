import { ownEvent } from './own-events.ts'
import { Expected } from './commit-check.ts'
import type { EventLog } from './event-log.ts'

const users = [
  ['admin', 'Event Store Administrator', '$admins'],
  ['ops', 'Event Store Operations', '$ops'],
] as const

/**
 * The events that a fresh database begins with, as on a real node: its default users. With them the last
 * position is never 0, which clients would take for the start.
 */
export async function seed(log: EventLog): Promise<void> {
  for (const [login, fullName, group] of users) {
    await write(log, `$user-${login}`, '$UserCreated', {
      loginName: login,
      fullName,
      disabled: false,
      groups: [group],
    })
    await write(log, '$users', '$User', login)
  }
}

function write(log: EventLog, stream: string, type: string, data: unknown): Promise<void> {
  const events = [ownEvent(type, JSON.stringify(data))]
  return new Promise((resolve, reject) => {
    log.append({ stream, expected: Expected.any, events }, (result) => {
      if (result.kind === 'appended') resolve()
      else reject(new Error(`The database can't be set up: ${result.kind}`))
    })
  })
}
