import type { Db } from 'mongodb'
import type { Role } from '../../domain/role.ts'
import { UserId } from '../../domain/ids.ts'
import { begin } from '../../eventstore/metadata.ts'
import type { Writer } from '../../eventstore/transact.ts'
import { devicesIn } from '../devices.ts'
import { erasersIn } from '../erasers.ts'
import { eraseUser } from '../erasing.ts'
import type { UserEvent } from '../events.ts'
import { profilesIn } from '../profiles.ts'
import { grant } from '../user.ts'
import type { User } from '../user.ts'
import type { Command } from './command.ts'
import { peopleTable, sessionsTable } from './tables.ts'

export interface RunOptions {
  readonly users: Writer<User, UserEvent>
  readonly db: Db
  /** Who does so. */
  readonly actor: string
  readonly newId: () => string
}

/** There is no such person, or several. */
export class NotFound extends Error {
  override readonly name = 'NotFound'
}

/** People that are listed. */
const LISTED = 500

/** Does what a command says, and answers in words. Throws `NotFound`. */
export const runCommand = async (
  command: Command,
  { users, db, actor, newId }: RunOptions,
): Promise<string> => {
  const profiles = profilesIn(db)
  const devices = devicesIn(db)
  const cause = () => begin(newId(), actor)
  const stateOf = async (id: UserId): Promise<User> =>
    (await users.transact(id, () => [], { cause: cause() })).state

  const idOf = async (who: string): Promise<UserId> => {
    const id = UserId.safeParse(who)
    if (id.success) return id.data
    const [found, another] = await profiles.withEmail(who)
    if (!found) throw new NotFound(`Nobody has signed in as ${who}.`)
    if (another) throw new NotFound(`Several people have signed in as ${who}: say which one by its id.`)
    return found._id
  }

  const give = async (who: string, role: Role): Promise<string> => {
    const id = await idOf(who)
    const outcome = await users.transact(id, grant(role), { cause: cause() })
    if (outcome.refused !== undefined)
      throw new NotFound(outcome.refused.code === 'ERASED' ? `${id} was erased.` : `There is no user ${id}.`)
    const isNow = role === 'ADMIN' ? 'an admin' : 'a user like everybody else'
    return outcome.events.length > 0 ? `${id} is ${isNow} now.` : `${id} is ${isNow} already.`
  }

  switch (command.command) {
    case 'list': {
      const found = await profiles.newest(LISTED + 1)
      const shown = found.slice(0, LISTED)
      const rows = []
      for (const profile of shown) rows.push({ profile, user: await stateOf(profile._id) })
      return peopleTable(rows, found.length > LISTED)
    }
    case 'grant':
      return give(command.who, command.role)
    case 'revoke':
      return give(command.who, 'USER')
    case 'sessions': {
      const id = await idOf(command.who)
      return sessionsTable(await stateOf(id), await devices.of(id))
    }
    case 'erase': {
      const id = await idOf(command.who)
      const { outcome, sessionsEnded, found } = await eraseUser({ users, erasers: erasersIn(db) })(
        id,
        cause(),
      )
      const erased = found.map(({ what, count }) => `${what}: ${count}`).join(', ')
      switch (outcome) {
        case 'ERASED':
          return `${id} is erased (${erased}), and signed out of ${sessionsEnded} sessions.`
        case 'ALREADY':
          return `${id} was erased before (left over and erased now: ${erased}).`
        case 'NOBODY':
          throw new NotFound(`There is no user ${id} (erased: ${erased}).`)
        default:
          return outcome satisfies never
      }
    }
    default:
      return command satisfies never
  }
}
