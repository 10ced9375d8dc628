import type { Device } from '../devices.ts'
import type { Profile } from '../profiles.ts'
import type { User } from '../user.ts'

const tableOf = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, column) => printable(cell).padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/** What people and their browsers say of themselves must not steer the terminal that it is shown on. */
const printable = (text: string): string => text.replaceAll(/\p{C}/gu, '�')

const minute = (at: Date): string => at.toISOString().slice(0, 16).replace('T', ' ')

export const peopleTable = (
  people: readonly { readonly profile: Profile; readonly user: User }[],
  areThereMore: boolean,
): string => {
  if (people.length === 0) return 'Nobody has signed in yet.'
  const rows = people.map(({ profile, user }) => [
    profile._id,
    user.status === 'REGISTERED' ? user.role : user.status,
    profile.email,
    profile.name ?? '',
    profile.language ?? '',
    String(user.status === 'REGISTERED' ? user.sessions.length : 0),
    minute(profile.signedInAt),
  ])
  const table = tableOf([
    ['user', 'role', 'e-mail', 'name', 'language', 'sessions', 'signed in, UTC'],
    ...rows,
  ])
  return areThereMore ? `${table}\nand more: these are the newest ${people.length}` : table
}

export const sessionsTable = (user: User, devices: readonly Device[]): string => {
  const sessions = user.status === 'REGISTERED' ? user.sessions : []
  if (sessions.length === 0) return 'Not signed in anywhere.'
  const rows = sessions.map(({ sessionId, expiresAt }) => {
    const device = devices.find(({ _id }) => _id === sessionId)
    return [
      sessionId,
      device ? minute(device.startedAt) : '',
      device ? minute(device.seenAt) : '',
      minute(new Date(expiresAt)),
      device?.address ?? '',
      device?.device ?? '',
    ]
  })
  return tableOf([['session', 'since, UTC', 'seen, UTC', 'until, UTC', 'address', 'device'], ...rows])
}
