import { z } from 'zod'
import { Role } from '../domain/role.ts'
import { UserId } from '../domain/ids.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'

/** A sign-in on one device, from its first refresh token to its last: the family that stands or falls together. */
export const SessionId = z
  .uuid()
  .transform((id) => id.toLowerCase())
  .brand<'SessionId'>()
export type SessionId = z.infer<typeof SessionId>

/** SHA-256 of a secret that is kept nowhere, in base64url. */
export const SecretHash = z.string().regex(/^[\w-]{43}$/)

/**
 * Why a session is over: its owner left, a refresh token was used that had been replaced, nobody refreshed it in
 * time, newer sessions took its place, or all that is known of its owner was erased.
 */
export const SessionEnd = z.enum(['LOGOUT', 'REUSED', 'EXPIRED', 'DISPLACED', 'ERASED'])
export type SessionEnd = z.infer<typeof SessionEnd>

const Session = { userId: UserId, sessionId: SessionId }

/** Events of `user-<id>`. No personal data: names, addresses and devices are kept where they can be erased. */
export const userEvents = {
  UserRegistered: event(z.object({ userId: UserId, role: Role })),
  /** The role that they have from now on, whichever it was before. */
  RoleGranted: event(z.object({ userId: UserId, role: Role })),
  SessionStarted: event(
    z.object({
      ...Session,
      /** Of the part that all refresh tokens of the session have in common. */
      familyHash: SecretHash,
      /** Of the first refresh token. */
      refreshHash: SecretHash,
      expiresAt: z.iso.datetime(),
    }),
  ),
  /** A refresh token was used, and another one given out for it. */
  SessionRefreshed: event(
    z.object({
      ...Session,
      usedHash: SecretHash,
      refreshHash: SecretHash,
      refreshedAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
    }),
  ),
  SessionEnded: event(z.object({ ...Session, why: SessionEnd })),
  /** What was known of them is erased; the id stays in orders and ledgers, and means nobody. */
  UserErased: event(z.object({ userId: UserId })),
}
export type UserEvent = EventOf<typeof userEvents>
