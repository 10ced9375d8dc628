import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { requestIdOf } from '../service/requestId.ts'
import type { ApiContext } from './context.ts'
import type { Engine } from './engine.ts'
import type { Report } from './errors.ts'
import { answerWithGraphQLErrors, sendError } from './httpErrors.ts'
import { MAX_BODY } from './limits.ts'
import { lastingAnswers } from './streams.ts'
import type { LastingAnswers } from './streams.ts'
import { whileAllowed } from './whileAllowed.ts'
import type { Access } from '../access/access.ts'
import { factsOf } from '../access/facts.ts'
import { isViewer } from '../access/viewer.ts'

/** What serving GraphQL takes, over whatever it comes. */
export interface ApiParts {
  readonly engine: Engine
  readonly access: Access
  readonly newId: () => string
  readonly report: (requestId: string | undefined) => Report
}

/** Adds `/graphql` over HTTP: GET, POST, and streams of server-sent events. */
export const serveHttp = (http: FastifyInstance, parts: ApiParts) =>
  http.register((scope, _, done) => {
    const streams = lastingAnswers()
    scope.addHook('preClose', () => streams.close())
    answerWithGraphQLErrors(scope, parts.report)
    // Nothing but JSON: whatever a browser may send across origins without asking first is refused.
    scope.removeContentTypeParser('text/plain')
    scope.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      bodyLimit: MAX_BODY,
      handler: (request, reply) => answer(parts, streams, request, reply),
    })
    scope.route({
      method: ['PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      url: '/graphql',
      handler: (_, reply) =>
        sendError(reply.header('allow', 'GET, POST'), {
          status: 405,
          code: 'BAD_INPUT',
          message: 'GraphQL is served by GET and POST.',
        }),
    })
    done()
  })

const answer = async (
  { engine, access, newId, report }: ApiParts,
  streams: LastingAnswers,
  request: FastifyRequest,
  reply: FastifyReply,
) => {
  const { body } = request
  if (
    request.method === 'POST' &&
    (typeof body !== 'object' || body === null || Object.keys(body).length === 0)
  )
    return sendError(reply, {
      status: 400,
      code: 'BAD_INPUT',
      message: 'The body must be an object with a query.',
    })
  const facts = factsOf(request.headers, request.method)
  const requestId = requestIdOf(facts('x-request-id'), newId)
  const viewer = await access.authenticate(facts)
  const context: ApiContext = {
    viewer,
    requestId,
    token: facts('x-consistency-token'),
    report: report(requestId),
  }
  const response = await engine.handleNodeRequestAndResponse(request, reply, context)
  void reply.code(response.status).header('x-request-id', requestId).header('cache-control', 'no-store')
  for (const [name, value] of response.headers) void reply.header(name, value)
  if (response.headers.get('content-type') !== 'text/event-stream') return reply.send(await response.text())
  const { body: updates } = response
  const isAllowed = updates && isViewer(viewer)
  await streams.send(isAllowed ? whileAllowed(updates, access, viewer) : updates, reply)
  return reply
}
