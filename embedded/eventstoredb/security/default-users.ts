import type { Users } from './users.ts'

/** The passwords that the default users get when they have none yet. */
export interface DefaultPasswords {
  readonly adminPassword?: string
  readonly opsPassword?: string
}

const defaultPassword = 'changeit'

const administrator = { loginName: 'admin', fullName: 'Event Store Administrator', groups: ['$admins'] }
const operator = { loginName: 'ops', fullName: 'Event Store Operations', groups: ['$ops'] }

/**
 * The users that a fresh database begins with, as on a real node. Their events are also why the last position is
 * never 0, which clients would take for the start. Without authentication they have no passwords, and get them
 * when the node is first started with it. A password that is set already is changed by ChangePassword and
 * ResetPassword only: what the node is started with doesn't touch it. Nor does a deleted user come back.
 */
export async function ensureDefaultUsers(
  users: Users,
  passwords: DefaultPasswords | undefined,
): Promise<void> {
  const ensure = async (profile: typeof administrator, given: string | undefined): Promise<void> => {
    const password = passwords === undefined ? undefined : (given ?? defaultPassword)
    const { loginName } = profile
    if (!users.isKnown(loginName)) await users.create(profile, password)
    else if (password !== undefined && lacksPassword(users, loginName))
      await users.setPassword(loginName, password)
  }
  await ensure(administrator, passwords?.adminPassword)
  await ensure(operator, passwords?.opsPassword)
}

function lacksPassword(users: Users, login: string): boolean {
  const user = users.find(login)
  return user !== undefined && user.hash === undefined
}
