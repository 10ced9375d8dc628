import cookie from '@fastify/cookie'
import type { FastifyInstance } from 'fastify'
import type { Access } from '../../access/access.ts'
import type { RateLimit } from '../../service/rateLimit.ts'
import type { Attempts } from '../attemptCookie.ts'
import type { GoogleSignIn } from '../google.ts'
import type { Profiles } from '../profiles.ts'
import type { Sessions } from '../sessions.ts'
import type { AccessTokens } from '../tokens.ts'
import type { Cookies } from './cookies.ts'
import { googleRoutes } from './googleRoutes.ts'
import { sessionRoutes } from './sessionRoutes.ts'

export interface PeopleHttpParts {
  readonly google: GoogleSignIn
  readonly attempts: Attempts
  readonly sessions: Sessions
  readonly profiles: Profiles
  readonly tokens: AccessTokens
  readonly cookies: Cookies
  readonly access: Access
  /** By the address that asks. */
  readonly limit: RateLimit
  readonly publicUrl: string
  /** Throws `Unavailable` until people can be told apart. */
  readonly isReady: () => void
}

/** Adds `/auth/…` and `/.well-known/jwks.json`. */
export const servePeople = (http: FastifyInstance, parts: PeopleHttpParts): void => {
  http.get('/.well-known/jwks.json', (_, reply) => {
    void reply.header('cache-control', 'public, max-age=300')
    return parts.tokens.jwks()
  })
  void http.register(async (scope) => {
    await scope.register(cookie)
    scope.addHook('onRequest', (request, reply, done) => {
      void reply.headers({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      })
      parts.limit(request.ip)
      done()
    })
    googleRoutes(scope, parts)
    sessionRoutes(scope, parts)
  })
}
