import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CookieSerializeOptions } from '@fastify/cookie'
import { ACCESS_COOKIE } from '../../access/byToken.ts'
import { ATTEMPT_LIFETIME } from '../attemptCookie.ts'
import { REFRESH_TOKEN_LIFETIME } from '../refreshToken.ts'
import type { Tokens } from '../sessions.ts'
import { ACCESS_TOKEN_LIFETIME } from '../tokens.ts'

export const REFRESH_COOKIE = 'counterfoil_refresh'
const ATTEMPT_COOKIE = 'counterfoil_signin'

/** What browsers keep for us. Scripts can read none of it. */
export const cookiesFor = (publicUrl: string) => {
  const { protocol, pathname } = new URL(publicUrl)
  const under = (path: string) => pathname.replace(/\/$/, '') + path
  const common = { httpOnly: true, secure: protocol === 'https:' } satisfies CookieSerializeOptions
  // Sent along also when somebody follows a link to us: it only shows them what is theirs.
  const access: CookieSerializeOptions = { ...common, sameSite: 'lax', path: '/' }
  const refresh: CookieSerializeOptions = { ...common, sameSite: 'strict', path: under('/auth') }
  // The way back from the issuer is a link from another site.
  const attempt: CookieSerializeOptions = { ...common, sameSite: 'lax', path: under('/auth/google') }

  return {
    refreshToken: (request: FastifyRequest): string | undefined =>
      request.cookies[REFRESH_COOKIE] || undefined,
    attempt: (request: FastifyRequest): string | undefined => request.cookies[ATTEMPT_COOKIE] || undefined,

    setTokens: (reply: FastifyReply, { accessToken, refreshToken }: Tokens): void => {
      void reply.setCookie(ACCESS_COOKIE, accessToken, { ...access, maxAge: ACCESS_TOKEN_LIFETIME })
      void reply.setCookie(REFRESH_COOKIE, refreshToken, {
        ...refresh,
        maxAge: REFRESH_TOKEN_LIFETIME / 1_000,
      })
    },
    clearTokens: (reply: FastifyReply): void => {
      void reply.clearCookie(ACCESS_COOKIE, access)
      void reply.clearCookie(REFRESH_COOKIE, refresh)
    },
    setAttempt: (reply: FastifyReply, sealed: string): void => {
      void reply.setCookie(ATTEMPT_COOKIE, sealed, { ...attempt, maxAge: ATTEMPT_LIFETIME })
    },
    clearAttempt: (reply: FastifyReply): void => {
      void reply.clearCookie(ATTEMPT_COOKIE, attempt)
    },
  }
}
export type Cookies = ReturnType<typeof cookiesFor>
