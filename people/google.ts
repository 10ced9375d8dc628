import * as oidc from 'openid-client'
import { z } from 'zod'
import { Unavailable } from '../eventstore/faults.ts'
import { SignInRefused } from './signInRefused.ts'
import { faultOf } from './issuerFaults.ts'

/** Who somebody is, as the issuer vouches for it. */
export interface VerifiedPerson {
  readonly issuer: string
  readonly subject: string
  /** Theirs, as the issuer has verified; in lower case. */
  readonly email: string
  readonly name?: string | undefined
  readonly picture?: string | undefined
  readonly language?: string | undefined
}

/** What a sign-in that was begun must be finished with. Secret: only the browser that began it may know it. */
export const Attempt = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() })
export type Attempt = z.infer<typeof Attempt>

export interface GoogleOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where the issuer sends people back to. */
  readonly redirectUri: string
  /** Milliseconds on a clock that never goes back. */
  readonly clock: () => number
}

/** Seconds in which the issuer has to answer a call. */
const TIMEOUT = 5
/** Milliseconds for which we know the issuer's addresses without asking again. */
const KNOWN_FOR = 3_600_000

const text = (max: number) =>
  z
    .string()
    .transform((value) => value.trim().slice(0, max))
    .transform((value) => value || undefined)
    .optional()
    .catch(undefined)

const Claims = z.object({
  iss: z.string().min(1),
  sub: z.string().min(1).max(255),
  email: z.email().max(320).toLowerCase().optional(),
  email_verified: z.boolean().optional(),
  name: text(200),
  picture: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional()
    .catch(undefined),
  locale: text(35),
})

/**
 * Sign-in by OpenID Connect: authorization code with PKCE, state and nonce. The issuer is first asked for when
 * somebody signs in, so that it may be away when we start. Throws `Unavailable` while it does not answer.
 */
export const googleSignIn = (options: GoogleOptions) => {
  const { issuer, clientId, clientSecret, redirectUri, clock } = options
  const server = new URL(issuer)
  const insecure = server.protocol === 'http:' ? [oidc.allowInsecureRequests] : []
  let known: { readonly metadata: oidc.ServerMetadata; readonly until: number } | undefined

  const metadata = async (): Promise<oidc.ServerMetadata> => {
    if (known && clock() < known.until) return known.metadata
    try {
      const found = await oidc.discovery(server, clientId, undefined, undefined, {
        execute: insecure,
        timeout: TIMEOUT,
      })
      known = { metadata: found.serverMetadata(), until: clock() + KNOWN_FOR }
      return known.metadata
    } catch (fault) {
      // The addresses hardly ever change: the last known ones are better than none.
      if (known) return known.metadata
      throw new Unavailable('the issuer of sign-ins cannot be reached', { cause: faultOf(fault) })
    }
  }

  /** Made anew for each sign-in, so that the keys are those that the issuer publishes now. */
  const configuration = async (): Promise<oidc.Configuration> => {
    const found = new oidc.Configuration(await metadata(), clientId, {}, oidc.ClientSecretPost(clientSecret))
    found.timeout = TIMEOUT
    for (const allow of insecure) allow(found)
    oidc.enableNonRepudiationChecks(found)
    return found
  }

  return {
    /** The issuer's page to send somebody to, and what to finish with when they come back. */
    begin: async (): Promise<{ readonly url: URL; readonly attempt: Attempt }> => {
      const attempt: Attempt = {
        state: oidc.randomState(),
        nonce: oidc.randomNonce(),
        verifier: oidc.randomPKCECodeVerifier(),
      }
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUri,
        scope: 'openid email profile',
        state: attempt.state,
        nonce: attempt.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.verifier),
        code_challenge_method: 'S256',
        prompt: 'select_account',
      })
      return { url, attempt }
    },

    /** Who came back; `query`: what the issuer sent them back with. Throws `SignInRefused`. */
    finish: async (query: string, attempt: Attempt): Promise<VerifiedPerson> => {
      const url = new URL(redirectUri)
      url.search = query
      const found = await configuration()
      try {
        const answer = await oidc.authorizationCodeGrant(found, url, {
          expectedState: attempt.state,
          expectedNonce: attempt.nonce,
          pkceCodeVerifier: attempt.verifier,
          idTokenExpected: true,
        })
        return personOf(Claims.parse(answer.claims()))
      } catch (fault) {
        throw faultOf(fault)
      }
    },
  }
}
export type GoogleSignIn = ReturnType<typeof googleSignIn>

const personOf = ({ iss, sub, email, email_verified, name, picture, locale }: z.infer<typeof Claims>) => {
  if (email === undefined) throw new SignInRefused('NO_EMAIL')
  if (email_verified !== true) throw new SignInRefused('EMAIL_NOT_VERIFIED')
  return { issuer: iss, subject: sub, email, name, picture, language: locale }
}
