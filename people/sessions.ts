import type { Role } from '../domain/role.ts'
import { UserId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { Contended } from '../eventstore/faults.ts'
import { impossible } from '../eventstore/decision.ts'
import type { Writer } from '../eventstore/transact.ts'
import type { Devices, Origin } from './devices.ts'
import { SessionId } from './events.ts'
import type { UserEvent } from './events.ts'
import type { VerifiedPerson } from './google.ts'
import type { Profiles } from './profiles.ts'
import { firstToken, nextToken, parseRefreshToken, REFRESH_TOKEN_LIFETIME } from './refreshToken.ts'
import type { RandomBytes, RefreshToken } from './refreshToken.ts'
import type { AccessTokens } from './tokens.ts'
import { leave, refresh, sessionOf, signIn } from './user.ts'
import type { User } from './user.ts'

/** What somebody who is signed in is given. */
export interface Tokens {
  readonly userId: UserId
  readonly role: Role
  readonly accessToken: string
  readonly refreshToken: string
}

export interface SessionsOptions {
  readonly users: Writer<User, UserEvent>
  readonly profiles: Profiles
  readonly devices: Devices
  readonly tokens: AccessTokens
  /** Whoever signs in with this address is an admin. */
  readonly adminEmail: string | undefined
  readonly now: () => Date
  readonly newId: () => string
  readonly random: RandomBytes
}

/** Tries to sign somebody in who is being erased at the same moment. */
const TRIES = 3

/** Signing in, staying signed in, and leaving. */
export const sessionsOf = (options: SessionsOptions) => {
  const { users, profiles, devices, tokens, adminEmail, now, newId, random } = options

  const tokensFor = async (user: User, { userId, sessionId, text }: RefreshToken): Promise<Tokens> => {
    if (user.status !== 'REGISTERED') return impossible('a session of nobody')
    const { role } = user
    return {
      userId,
      role,
      accessToken: await tokens.issue({ userId, role, sessionId }),
      refreshToken: text,
    }
  }

  const end = async (
    { userId, ...session }: Pick<RefreshToken, 'userId' | 'sessionId'> & { readonly familyHash?: string },
    requestId: string,
  ): Promise<void> => {
    const { state } = await users.transact(userId, leave(session), { cause: begin(requestId, userId) })
    if (!sessionOf(state, session.sessionId)) await devices.forget(userId, session.sessionId)
  }

  return {
    /** Starts a session; of a new user, if the person is new or was erased. */
    signIn: async (person: VerifiedPerson, origin: Origin, requestId: string): Promise<Tokens> => {
      for (let tries = 0; tries < TRIES; tries++) {
        const at = now()
        const { _id: userId } = await profiles.of(person, UserId.parse(newId()), at)
        const expiresAt = new Date(at.getTime() + REFRESH_TOKEN_LIFETIME)
        const token = firstToken(userId, SessionId.parse(newId()), random)
        const { sessionId, familyHash, hash: refreshHash } = token
        // Before the event: whoever erases the user later finds it, and it expires if the event never comes.
        await devices.begin({ sessionId, userId, expiresAt }, origin, at)
        const outcome = await users.transact(
          userId,
          signIn(
            { userId, sessionId, familyHash, refreshHash, expiresAt: expiresAt.toISOString() },
            { isNamedAdmin: person.email === adminEmail, now: at },
          ),
          { cause: begin(requestId, userId) },
        )
        if (outcome.refused === undefined) {
          await devices.forget(userId, ...endedBy(outcome.events))
          return tokensFor(outcome.state, token)
        }
        // Erased, but for the profile that still leads there: that goes, and they come back as somebody new.
        await devices.forget(userId, sessionId)
        await profiles.erase(userId)
      }
      throw new Contended('somebody was erased again and again while signing in')
    },

    /** Exchanges a refresh token; undefined if it is good for nothing (any more). */
    refresh: async (text: string, origin: Origin, requestId: string): Promise<Tokens | undefined> => {
      const used = parseRefreshToken(text)
      if (!used) return undefined
      const at = now()
      const next = nextToken(used, random)
      const { userId, sessionId, familyHash } = next
      const expiresAt = new Date(at.getTime() + REFRESH_TOKEN_LIFETIME)
      const outcome = await users.transact(
        userId,
        refresh({
          sessionId,
          familyHash,
          usedHash: used.hash,
          refreshHash: next.hash,
          now: at,
          expiresAt: expiresAt.toISOString(),
        }),
        { cause: begin(requestId, userId) },
      )
      if (outcome.refused !== undefined) return undefined
      if (sessionOf(outcome.state, sessionId)?.usable.includes(next.hash)) {
        await devices.seen(sessionId, origin, at, expiresAt)
        return tokensFor(outcome.state, next)
      }
      await devices.forget(userId, sessionId)
      return undefined
    },

    /** Ends the session of a refresh token, used up or not; what is none is nothing to end. */
    leave: async (text: string, requestId: string): Promise<void> => {
      const token = parseRefreshToken(text)
      if (token) await end(token, requestId)
    },

    /** Ends a session of somebody who is known to have it. */
    end: (userId: UserId, sessionId: SessionId, requestId: string): Promise<void> =>
      end({ userId, sessionId }, requestId),
  }
}
export type Sessions = ReturnType<typeof sessionsOf>

const endedBy = (events: readonly UserEvent[]): readonly SessionId[] =>
  events.flatMap((event) => (event.type === 'SessionEnded' ? [event.data.sessionId] : []))
