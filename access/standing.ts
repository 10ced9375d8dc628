import { Set } from 'immutable'
import type { EventOf } from '../eventstore/catalogue.ts'
import { codecOf } from '../eventstore/codec.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { userEvents } from '../people/events.ts'
import type { UserEvent } from '../people/events.ts'
import type { Role } from '../domain/role.ts'
import type { Viewer } from './viewer.ts'

/** What happened to somebody lately that their access tokens don't tell. */
export interface Standing {
  /** The role that they were given last; undefined if that is longer ago than any token. */
  readonly role: Role | undefined
  readonly endedSessions: Set<string>
  readonly isErased: boolean
}

const initial: Standing = { role: undefined, endedSessions: Set(), isErased: false }

const evolve = (standing: Standing, { type, data }: UserEvent): Standing => {
  switch (type) {
    case 'UserRegistered':
    case 'RoleGranted':
      return { ...standing, role: data.role }
    case 'SessionEnded':
      return { ...standing, endedSessions: standing.endedSessions.add(data.sessionId) }
    case 'UserErased':
      return { ...standing, isErased: true }
    case 'SessionStarted':
    case 'SessionRefreshed':
      return standing
    default:
      return type satisfies never
  }
}

/** The newest part of `user-<user id>`, as far as tokens don't know of it. */
export const standing: Aggregate<Standing, UserEvent> = {
  category: 'user',
  codec: codecOf(userEvents),
  initial,
  evolve,
}

const { UserRegistered, RoleGranted, SessionEnded, UserErased } = userEvents
const revoking = { UserRegistered, RoleGranted, SessionEnded, UserErased }

/** The events after which a token may not count any more. */
export const revokingEvents = codecOf(revoking)
export type RevokingEvent = EventOf<typeof revoking>

/** Why a token does not count any more, though it has not expired; undefined if it does. */
export const whyRevoked = (
  { role, endedSessions, isErased }: Standing,
  viewer: Viewer,
): string | undefined => {
  if (isErased) return 'You are not known here any more.'
  if (viewer.session && endedSessions.has(viewer.session.id)) return 'You have signed out: sign in again.'
  if (role !== undefined && role !== viewer.role) return 'Your role has changed: get a new access token.'
  return undefined
}
