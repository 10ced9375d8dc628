import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { badInput } from '../../service/errors.ts'
import { localPath } from '../returnTo.ts'
import { SignInRefused } from '../signInRefused.ts'
import { originOf, tokenAnswer } from './answers.ts'
import type { PeopleHttpParts } from './serve.ts'

const Begin = z.object({ return_to: z.string().optional() })

/** `GET /auth/google` sends people to Google, and `/auth/google/callback` is where they come back. */
export const googleRoutes = (
  scope: FastifyInstance,
  { google, attempts, sessions, cookies, publicUrl, isReady }: PeopleHttpParts,
) => {
  const { origin } = new URL(publicUrl)

  // Links are looked at by programs, too (HEAD), and that must neither begin nor finish anything.
  scope.get('/auth/google', { exposeHeadRoute: false }, async ({ query }, reply) => {
    const given = Begin.safeParse(query)
    if (!given.success) throw badInput('return_to must be there once, or not at all.')
    const { return_to: wanted } = given.data
    const returnTo = wanted === undefined ? undefined : localPath(wanted, origin)
    if (wanted !== undefined && returnTo === undefined)
      throw badInput('return_to must be a path of these pages, such as /orders.')
    isReady()
    const { url, attempt } = await google.begin()
    cookies.setAttempt(
      reply,
      await attempts.seal({ ...attempt, ...(returnTo === undefined ? {} : { returnTo }) }),
    )
    return reply.redirect(url.href, 302)
  })

  scope.get('/auth/google/callback', { exposeHeadRoute: false }, async (request, reply) => {
    // Good for one try, whatever becomes of it.
    cookies.clearAttempt(reply)
    const sealed = cookies.attempt(request)
    const begun = sealed === undefined ? undefined : await attempts.open(sealed)
    if (!begun) throw new SignInRefused('NOT_BEGUN_HERE')
    isReady()
    const person = await google.finish(new URL(request.url, origin).search, begun)
    const tokens = await sessions.signIn(person, originOf(request), request.id)
    if (begun.returnTo === undefined) return tokenAnswer(tokens)
    cookies.setTokens(reply, tokens)
    return reply.redirect(begun.returnTo, 303)
  })
}
