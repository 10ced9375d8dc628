import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { mustBeOurs } from '../../access/origin.ts'
import { factsOf } from '../../access/facts.ts'
import { isViewer } from '../../access/viewer.ts'
import { ApiError, badInput } from '../../service/errors.ts'
import { SessionId } from '../events.ts'
import { ACCESS_TOKEN_LIFETIME } from '../tokens.ts'
import { originOf, tokenAnswer } from './answers.ts'
import type { PeopleHttpParts } from './serve.ts'

const Body = z.object({ refresh_token: z.string().optional() }).nullish()

/** The refresh token of a request: an API client says it in the body, a browser has it in a cookie. */
interface Given {
  readonly token: string
  readonly by: 'BODY' | 'COOKIE'
}

/** Staying signed in, leaving, and who one is. */
export const sessionRoutes = (
  scope: FastifyInstance,
  { sessions, profiles, cookies, access, publicUrl }: PeopleHttpParts,
) => {
  const { origin } = new URL(publicUrl)
  const factsIn = ({ headers, method }: FastifyRequest) => factsOf(headers, method)

  const givenIn = (request: FastifyRequest): Given | undefined => {
    const body = Body.safeParse(request.body)
    if (!body.success) throw badInput('The body must be {"refresh_token": "…"}.')
    const token = body.data?.refresh_token
    if (token !== undefined) return { token, by: 'BODY' }
    const cookie = cookies.refreshToken(request)
    if (cookie === undefined) return undefined
    mustBeOurs(factsIn(request), origin)
    return { token: cookie, by: 'COOKIE' }
  }

  scope.post('/auth/refresh', async (request, reply) => {
    const given = givenIn(request)
    if (!given)
      throw new ApiError('UNAUTHENTICATED', 'A refresh token is missing: in the body, or in the cookie.')
    const tokens = await sessions.refresh(given.token, originOf(request), request.id)
    if (!tokens) {
      if (given.by === 'COOKIE') cookies.clearTokens(reply)
      throw new ApiError('UNAUTHENTICATED', 'The refresh token is not good any more: sign in again.')
    }
    if (given.by === 'BODY') return tokenAnswer(tokens)
    cookies.setTokens(reply, tokens)
    return { expires_in: ACCESS_TOKEN_LIFETIME }
  })

  scope.post('/auth/logout', async (request, reply) => {
    const given = givenIn(request)
    if (given) await sessions.leave(given.token, request.id)
    else if (request.headers.authorization !== undefined) {
      const viewer = await access.authenticate(factsIn(request))
      if (!isViewer(viewer)) throw new ApiError('UNAUTHENTICATED', viewer.unauthenticated)
      if (viewer.session) await sessions.end(viewer.id, SessionId.parse(viewer.session.id), request.id)
    }
    if (given?.by !== 'BODY') cookies.clearTokens(reply)
    return reply.code(204).send()
  })

  scope.get('/auth/me', async (request, reply) => {
    const viewer = await access.authenticate(factsIn(request))
    if (!isViewer(viewer)) {
      void reply.header('www-authenticate', viewer.challenge ?? 'Bearer')
      throw new ApiError('UNAUTHENTICATED', viewer.unauthenticated)
    }
    const profile = await profiles.find(viewer.id)
    const { name = null, email = null, picture = null, language = null } = profile ?? {}
    return { id: viewer.id, role: viewer.role, name, email, picture, language }
  })
}
