import type { UserId } from '../domain/ids.ts'
import type { Cause } from '../eventstore/metadata.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { UserEvent } from './events.ts'
import { erase } from './user.ts'
import type { User } from './user.ts'

/** A place where something is kept of people, beyond ids, that can be erased. */
export interface Eraser {
  /** What is kept there, in the plural. */
  readonly what: string
  /** How many of them there were. Nothing is left, and erasing again finds nothing. */
  readonly erase: (userId: UserId) => Promise<number>
}

export interface Erased {
  /** NOBODY: no such user was ever here. ALREADY: it was erased before. */
  readonly outcome: 'ERASED' | 'ALREADY' | 'NOBODY'
  readonly sessionsEnded: number
  /** What was found, by what it is. */
  readonly found: readonly { readonly what: string; readonly count: number }[]
}

export interface ErasingOptions {
  readonly users: Writer<User, UserEvent>
  readonly erasers: readonly Eraser[]
}

/**
 * Erases all that is known of somebody, and ends their sessions. Orders and ledgers keep the id, which means nobody
 * from then on. The event comes first: from then on nobody signs in by that profile, so what is erased after it
 * does not come back. Whatever a crash leaves behind is erased by the next try.
 */
export const eraseUser =
  ({ users, erasers }: ErasingOptions) =>
  async (userId: UserId, cause: Cause): Promise<Erased> => {
    const outcome = await users.transact(userId, erase(), { cause })
    const found = await Promise.all(
      erasers.map(async ({ what, erase }) => ({ what, count: await erase(userId) })),
    )
    if (outcome.refused !== undefined) return { outcome: 'NOBODY', sessionsEnded: 0, found }
    const { events } = outcome
    return {
      outcome: events.length > 0 ? 'ERASED' : 'ALREADY',
      sessionsEnded: events.filter(({ type }) => type === 'SessionEnded').length,
      found,
    }
  }
