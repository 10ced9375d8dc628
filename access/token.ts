import { errors, jwtVerify } from 'jose'
import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import { SessionId } from '../people/events.ts'
import { ACCESS_TOKEN_LIFETIME, ACCESS_TOKEN_TYPE, AUDIENCE } from '../people/tokens.ts'
import { lookedFor } from './keys.ts'
import type { Keys } from './keys.ts'
import { Role } from '../domain/role.ts'
import type { AuthError, Viewer } from './viewer.ts'

/** Seconds by which the clocks of two machines may differ. */
const TOLERANCE = 2
/** Characters of a token: ours have some 400. */
const MAX_LENGTH = 4_096

/** What a token says beside who issued it and for whom. */
const Claims = z.object({
  sub: UserId,
  role: Role,
  sid: SessionId,
  jti: z.string().min(1),
  iat: z.number(),
  exp: z.number(),
})

/** Who a token says that they are; throws `Unavailable` when that can't be checked at the moment. */
export type Verify = (token: string) => Promise<Viewer | AuthError>

export interface VerifyOptions {
  readonly keys: Keys
  /** `PUBLIC_URL`. */
  readonly issuer: string
  readonly now: () => Date
}

/** How to tell our access tokens from all others: who signed, for whom, since when and until when. */
export const verifierOf = ({ keys, issuer, now }: VerifyOptions): Verify => {
  const key = lookedFor(keys)
  const required = {
    algorithms: ['ES256'],
    typ: ACCESS_TOKEN_TYPE,
    issuer,
    audience: AUDIENCE,
    // Also of one that says of itself that it lasts longer: nobody remembers for longer which ones were revoked.
    maxTokenAge: ACCESS_TOKEN_LIFETIME,
    clockTolerance: TOLERANCE,
  }
  return async (token) => {
    if (token.length > MAX_LENGTH) return refused('is too long')
    try {
      const { payload } = await jwtVerify(token, key, { ...required, currentDate: now() })
      const claims = Claims.safeParse(payload)
      return claims.success ? viewerIn(claims.data) : refused('does not say who you are')
    } catch (fault) {
      if (fault instanceof errors.JWTExpired) return refused('has expired: get a new one')
      if (fault instanceof errors.JWTClaimValidationFailed) return refused(`is not for us (${fault.claim})`)
      if (fault instanceof errors.JOSEError) return refused('is not one of ours')
      throw fault
    }
  }
}

const viewerIn = ({ sub: id, role, sid, iat, exp }: z.infer<typeof Claims>): Viewer => ({
  id,
  role,
  session: { id: sid, expiresAt: new Date((Math.min(exp, iat + ACCESS_TOKEN_LIFETIME) + TOLERANCE) * 1_000) },
})

const refused = (why: string): AuthError => ({
  unauthenticated: `The access token ${why}.`,
  challenge: 'Bearer error="invalid_token"',
})
