import type { EventStoreDBClient } from '@eventstore/db-client'
import { createLocalJWKSet } from 'jose'
import { randomUUID } from 'node:crypto'
import type { UserId } from '../domain/ids.ts'
import { codecOf } from '../eventstore/codec.ts'
import { begin } from '../eventstore/metadata.ts'
import { sessionId } from '../people/controls.ts'
import { userEvents } from '../people/events.ts'
import type { UserEvent } from '../people/events.ts'
import { loggerOf } from '../service/logger.ts'
import { followRevocations } from './follow.ts'
import { tokenAccess } from './tokenAccess.ts'
import type { TokenAccess } from './tokenAccess.ts'
import { claimsAt, ISSUER, signed } from './tokenControls.ts'
import type { Signer } from './tokenControls.ts'
import type { Role } from '../domain/role.ts'

const codec = codecOf(userEvents)

/** What happens to people, so many minutes ago: as the events that end access. */
export const happenings = (client: EventStoreDBClient) => {
  const happened = async (event: UserEvent, minutesAgo = 0) => {
    const at = new Date(Date.now() - minutesAgo * 60_000)
    const { userId } = event.data
    const data = codec.encode(event, randomUUID(), at, begin(randomUUID(), userId))
    await client.appendToStream(`user-${userId}`, data)
  }
  return {
    granted: (userId: UserId, role: Role, minutesAgo?: number) =>
      happened({ type: 'RoleGranted', data: { userId, role } }, minutesAgo),
    ended: (userId: UserId, { session = 1, minutesAgo = 0 } = {}) =>
      happened(
        { type: 'SessionEnded', data: { userId, sessionId: sessionId(session), why: 'LOGOUT' } },
        minutesAgo,
      ),
    erased: (userId: UserId, minutesAgo?: number) =>
      happened({ type: 'UserErased', data: { userId } }, minutesAgo),
  }
}

/** Whose tokens a test needs, beside what good ones of now say. */
export interface TokenOf {
  readonly role?: Role
  readonly session?: number
  /** Seconds until it expires. */
  readonly for?: number
}

/** A token of somebody, as it is issued now. */
export const tokenFor = (
  signer: Signer,
  user: UserId,
  { role = 'USER', session = 1, for: seconds = 900 }: TokenOf = {},
): Promise<string> => {
  const claims = claimsAt(new Date())
  const { iat } = claims
  return signed(signer, { ...claims, sub: user, role, sid: sessionId(session), exp: iat + seconds })
}

/** Access by the tokens of a signer; it does not follow the log yet. */
export const accessBy = (client: EventStoreDBClient, signer: Signer): TokenAccess =>
  tokenAccess({
    client,
    keys: createLocalJWKSet({ keys: [signer.jwk] }),
    publicUrl: ISSUER,
    now: () => new Date(),
  })

/** Has it follow the log, until it is stopped. */
export const following = async (client: EventStoreDBClient, access: TokenAccess) => {
  const stopping = new AbortController()
  const begun = Promise.withResolvers<void>()
  const works = followRevocations({
    client,
    signal: stopping.signal,
    log: loggerOf('api', 'silent'),
    begin: () => {
      access.begin()
      begun.resolve()
    },
    tell: access.tell,
  })
  await begun.promise
  return async () => {
    stopping.abort()
    await works
  }
}
