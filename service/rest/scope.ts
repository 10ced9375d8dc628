import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawServerDefault,
} from 'fastify'
import type { FastifyZodOpenApiTypeProvider } from 'fastify-zod-openapi'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Access } from '../../access/access.ts'
import { factsOf } from '../../access/facts.ts'
import { isViewer } from '../../access/viewer.ts'
import type { Viewer } from '../../access/viewer.ts'
import { begin } from '../../eventstore/metadata.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { tokenOf } from '../opaque.ts'
import { sendProblem } from '../problems.ts'
import type { RateLimit } from '../rateLimit.ts'

/** Routes for those who say who they are. */
export type RestScope = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  FastifyZodOpenApiTypeProvider
>

/** Bytes of a request's body: an order of 50 lines is a tenth of that. */
export const MAX_BODY = 64 * 1_024

/** Adds routes that know who is asking, before anything of the request is looked at. */
export const restOf = (
  http: FastifyInstance,
  { authenticate }: Pick<Access, 'authenticate'>,
  routes: (scope: RestScope) => void | Promise<void>,
) =>
  http.register(async (scope) => {
    // Nothing but JSON: whatever a browser may send across origins without asking first is refused.
    scope.removeContentTypeParser('text/plain')
    scope.decorateRequest('viewer', null)
    scope.addHook('onRequest', async (request, reply) => {
      void reply.header('cache-control', 'no-store')
      const known = await authenticate(factsOf(request.headers, request.method))
      if (isViewer(known)) {
        request.setDecorator('viewer', known)
        return undefined
      }
      // RFC 9110: a 401 says what would be believed.
      void reply.header('www-authenticate', known.challenge ?? 'X-User-ID realm="counterfoil"')
      return sendProblem(reply, { status: 401, detail: known.unauthenticated })
    })
    await routes(scope.withTypeProvider<FastifyZodOpenApiTypeProvider>())
  })

/** Who is asking. */
export const viewerOf = (request: FastifyRequest): Viewer => request.getDecorator<Viewer>('viewer')

/** What the events are caused by that a request leads to. */
export const causeOf = (request: FastifyRequest): Cause => begin(request.id, viewerOf(request).id)

/** The consistency token that a request brings. */
export const tokenIn = ({ headers }: FastifyRequest): string | undefined =>
  factsOf(headers)('x-consistency-token')

/** Limits what a person changes, before it is looked at. */
export const limitedBy =
  (limit: RateLimit) =>
  (request: FastifyRequest): Promise<void> =>
    Promise.resolve(viewerOf(request).id).then(limit)

/** Says from where in the log the answer is. */
export const sayPosition = (reply: FastifyReply, position: bigint | number): FastifyReply =>
  reply.header('x-consistency-token', tokenOf(position))
