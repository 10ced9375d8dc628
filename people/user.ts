import type { Role } from '../domain/role.ts'
import type { UserId } from '../domain/ids.ts'
import { codecOf } from '../eventstore/codec.ts'
import { impossible, refuse } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { userEvents } from './events.ts'
import type { SessionEnd, SessionId, UserEvent } from './events.ts'
import { accepts, hasExpired, refreshed } from './session.ts'
import type { Session } from './session.ts'

/** Sessions that a person may have at a time; one more takes the place of the oldest. */
export const MAX_SESSIONS = 20

interface Registered {
  readonly status: 'REGISTERED'
  readonly userId: UserId
  readonly role: Role
  /** Those that have not ended, the oldest first. */
  readonly sessions: readonly Session[]
}

export type User = { readonly status: 'UNKNOWN' } | Registered | { readonly status: 'ERASED' }

const initial: User = { status: 'UNKNOWN' }

const evolve = (user: User, { type, data }: UserEvent): User => {
  if (type === 'UserRegistered')
    return { status: 'REGISTERED', userId: data.userId, role: data.role, sessions: [] }
  if (user.status !== 'REGISTERED') return impossible(`${type} of somebody who is not there`)
  switch (type) {
    case 'RoleGranted':
      return { ...user, role: data.role }
    case 'SessionStarted': {
      const { sessionId, familyHash, refreshHash, expiresAt } = data
      return {
        ...user,
        sessions: [...user.sessions, { sessionId, familyHash, usable: [refreshHash], expiresAt }],
      }
    }
    case 'SessionRefreshed':
      return {
        ...user,
        sessions: user.sessions.map((session) =>
          session.sessionId === data.sessionId ? refreshed(session, data) : session,
        ),
      }
    case 'SessionEnded':
      return { ...user, sessions: user.sessions.filter(({ sessionId }) => sessionId !== data.sessionId) }
    case 'UserErased':
      return { status: 'ERASED' }
    default:
      return type satisfies never
  }
}

/** Streams `user-<user id>`: who may do what, and where they are signed in. */
export const user: Aggregate<User, UserEvent> = {
  category: 'user',
  codec: codecOf(userEvents),
  initial,
  evolve,
}

/** The session, if it has not ended. */
export const sessionOf = (user: User, id: SessionId): Session | undefined =>
  user.status === 'REGISTERED' ? user.sessions.find(({ sessionId }) => sessionId === id) : undefined

export interface NewSession {
  readonly userId: UserId
  readonly sessionId: SessionId
  readonly familyHash: string
  readonly refreshHash: string
  readonly expiresAt: string
}

/** Starts a session: of somebody new, too. Whoever the settings name becomes an admin by it. */
export const signIn =
  (session: NewSession, { isNamedAdmin, now }: { readonly isNamedAdmin: boolean; readonly now: Date }) =>
  (user: User): Decision<UserEvent, { readonly code: 'ERASED' }> => {
    const { userId } = session
    const started: UserEvent = { type: 'SessionStarted', data: session }
    switch (user.status) {
      case 'ERASED':
        return refuse({ code: 'ERASED' })
      case 'UNKNOWN':
        return [{ type: 'UserRegistered', data: { userId, role: isNamedAdmin ? 'ADMIN' : 'USER' } }, started]
      case 'REGISTERED': {
        const isPromoted = isNamedAdmin && user.role !== 'ADMIN'
        const granted: UserEvent = { type: 'RoleGranted', data: { userId, role: 'ADMIN' } }
        return [...(isPromoted ? [granted] : []), ...roomIn(user, now), started]
      }
      default:
        return user satisfies never
    }
  }

/** Ends sessions that have expired, and then the oldest ones, until there is room for another. */
const roomIn = ({ userId, sessions }: Registered, now: Date): readonly UserEvent[] => {
  const expired = sessions.filter((session) => hasExpired(session, now))
  const live = sessions.filter((session) => !hasExpired(session, now))
  const displaced = live.slice(0, Math.max(0, live.length + 1 - MAX_SESSIONS))
  return [...ends(userId, expired, 'EXPIRED'), ...ends(userId, displaced, 'DISPLACED')]
}

const ends = (userId: UserId, sessions: readonly Session[], why: SessionEnd): readonly UserEvent[] =>
  sessions.map(({ sessionId }) => ({ type: 'SessionEnded', data: { userId, sessionId, why } }))

export interface Refresh {
  readonly sessionId: SessionId
  readonly familyHash: string
  /** Of the token that is used now. */
  readonly usedHash: string
  /** Of the one that is given out for it. */
  readonly refreshHash: string
  readonly now: Date
  readonly expiresAt: string
}

/**
 * Exchanges a refresh token for another one. A token of this session that is used up ends the session for
 * everybody, as nobody can tell who stole it from whom; so does one that comes too late. Both are events, so
 * whether the exchange came about shows in the state. A token that was never the session's is refused: knowing
 * the session's id, which is in every access token, is not enough to end it.
 */
export const refresh =
  ({ sessionId, familyHash, usedHash, refreshHash, now, expiresAt }: Refresh) =>
  (user: User): Decision<UserEvent, { readonly code: 'NO_SESSION' }> => {
    const session = sessionOf(user, sessionId)
    if (user.status !== 'REGISTERED' || session?.familyHash !== familyHash)
      return refuse({ code: 'NO_SESSION' })
    const { userId } = user
    if (hasExpired(session, now)) return ends(userId, [session], 'EXPIRED')
    if (!accepts(session, usedHash, now)) return ends(userId, [session], 'REUSED')
    const refreshedAt = now.toISOString()
    return [
      {
        type: 'SessionRefreshed',
        data: { userId, sessionId, usedHash, refreshHash, refreshedAt, expiresAt },
      },
    ]
  }

/**
 * Ends a session; one that has ended already is left at that. `familyHash`: of any token that it ever had, where that
 * is what the caller shows for it.
 */
export const leave =
  ({ sessionId, familyHash }: { readonly sessionId: SessionId; readonly familyHash?: string }) =>
  (user: User): Decision<UserEvent> => {
    const session = sessionOf(user, sessionId)
    if (user.status !== 'REGISTERED' || !session) return []
    const isTheirs = familyHash === undefined || session.familyHash === familyHash
    return isTheirs ? ends(user.userId, [session], 'LOGOUT') : []
  }

export type NobodyThere = { readonly code: 'NO_USER' } | { readonly code: 'ERASED' }

/** Gives somebody a role instead of the one that they had. */
export const grant =
  (role: Role) =>
  (user: User): Decision<UserEvent, NobodyThere> => {
    if (user.status === 'UNKNOWN') return refuse({ code: 'NO_USER' })
    if (user.status === 'ERASED') return refuse({ code: 'ERASED' })
    return user.role === role ? [] : [{ type: 'RoleGranted', data: { userId: user.userId, role } }]
  }

/** Ends all sessions, and the user for good. */
export const erase =
  () =>
  (user: User): Decision<UserEvent, NobodyThere> => {
    if (user.status === 'UNKNOWN') return refuse({ code: 'NO_USER' })
    if (user.status === 'ERASED') return []
    const { userId, sessions } = user
    return [...ends(userId, sessions, 'ERASED'), { type: 'UserErased', data: { userId } }]
  }
