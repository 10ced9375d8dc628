import { SignJWT } from 'jose'
import type { JSONWebKeySet } from 'jose'
import type { Role } from '../domain/role.ts'
import type { UserId } from '../domain/ids.ts'
import type { SessionId } from './events.ts'
import type { SigningKeys } from './signingKeys.ts'

/** Who access tokens are for: all of Counterfoil's own services. */
export const AUDIENCE = 'counterfoil'

/** The type in an access token's header (RFC 9068), so that no other token is taken for one. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'

/** Seconds that an access token is good for. */
export const ACCESS_TOKEN_LIFETIME = 900

export interface AccessTokenClaims {
  readonly userId: UserId
  readonly role: Role
  readonly sessionId: SessionId
}

export interface AccessTokensOptions {
  readonly keys: SigningKeys
  /** `PUBLIC_URL`. */
  readonly issuer: string
  readonly now: () => Date
  readonly newId: () => string
}

/** Issues access tokens: JWTs that say who somebody is, signed by ES256. */
export const accessTokens = ({ keys, issuer, now, newId }: AccessTokensOptions) => {
  const [{ kid, privateKey }] = keys
  return {
    issue: ({ userId, role, sessionId }: AccessTokenClaims): Promise<string> => {
      const issuedAt = Math.floor(now().getTime() / 1_000)
      return new SignJWT({ role, sid: sessionId })
        .setProtectedHeader({ alg: 'ES256', typ: ACCESS_TOKEN_TYPE, kid })
        .setIssuer(issuer)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(issuedAt)
        .setExpirationTime(issuedAt + ACCESS_TOKEN_LIFETIME)
        .setJti(newId())
        .sign(privateKey)
    },

    /** What `/.well-known/jwks.json` answers. */
    jwks: (): JSONWebKeySet => ({ keys: keys.map(({ publicJwk }) => publicJwk) }),
  }
}
export type AccessTokens = ReturnType<typeof accessTokens>
