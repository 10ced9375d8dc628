import type { Role } from '../domain/role.ts'
import { ann, noon } from '../domain/controls.ts'
import { SessionId } from './events.ts'
import type { SessionEnd, UserEvent } from './events.ts'
import type { NewSession, Refresh } from './user.ts'

type Of<T extends UserEvent['type']> = Extract<UserEvent, { type: T }>

/** A person's events in one word, for tests. */
export const sessionId = (n: number): SessionId =>
  SessionId.parse(`50000000-0000-4000-8000-${String(n).padStart(12, '0')}`)

/** A hash by the name of what is hashed. */
export const hashOf = (secret: string): string => secret.padEnd(43, '-')

export const secondsAfterNoon = (seconds: number): Date => new Date(noon.getTime() + seconds * 1_000)
const inThirtyDays = (from: Date): string => new Date(from.getTime() + 30 * 86_400_000).toISOString()

/** The n-th session, begun at noon. */
export const session = (n: number): NewSession => ({
  userId: ann,
  sessionId: sessionId(n),
  familyHash: hashOf(`family-${n}`),
  refreshHash: hashOf('token-0'),
  expiresAt: inThirtyDays(noon),
})

/** One of the n-th session's tokens is exchanged for another. */
export const exchange = (n: number, used: string, given: string, now: Date): Refresh => ({
  sessionId: sessionId(n),
  familyHash: hashOf(`family-${n}`),
  usedHash: hashOf(used),
  refreshHash: hashOf(given),
  now,
  expiresAt: inThirtyDays(now),
})

export const registered = (role: Role = 'USER'): Of<'UserRegistered'> => ({
  type: 'UserRegistered',
  data: { userId: ann, role },
})
export const granted = (role: Role): Of<'RoleGranted'> => ({
  type: 'RoleGranted',
  data: { userId: ann, role },
})
export const started = (n: number): Of<'SessionStarted'> => ({ type: 'SessionStarted', data: session(n) })
export const refreshed = (n: number, used: string, given: string, now: Date): Of<'SessionRefreshed'> => ({
  type: 'SessionRefreshed',
  data: {
    userId: ann,
    sessionId: sessionId(n),
    usedHash: hashOf(used),
    refreshHash: hashOf(given),
    refreshedAt: now.toISOString(),
    expiresAt: inThirtyDays(now),
  },
})
export const ended = (n: number, why: SessionEnd): Of<'SessionEnded'> => ({
  type: 'SessionEnded',
  data: { userId: ann, sessionId: sessionId(n), why },
})
export const erased = (): Of<'UserErased'> => ({ type: 'UserErased', data: { userId: ann } })
