import type { FastifyInstance, FastifyReply } from 'fastify'
import { STATUS } from '../service/problems.ts'
import { isCode, reveal } from './errors.ts'
import type { Code, Report } from './errors.ts'

interface Refused {
  readonly status: number
  readonly code: Code
  readonly message: string
}

const MESSAGES: Readonly<Record<number, string>> = {
  400: 'The body is not valid JSON.',
  413: 'The body is larger than 100 KiB.',
  415: 'The body must be of the content type application/json.',
}

/** Answers with a GraphQL error where it did not come to GraphQL. */
export const sendError = (reply: FastifyReply, { status, code, message }: Refused) =>
  reply
    .code(status)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify({ errors: [{ message, extensions: { code } }] }))

/**
 * Makes a GraphQL error, too, of what Fastify refuses (bodies that are too large, broken, of another type), and of
 * whatever fails before it comes to GraphQL.
 */
export const answerWithGraphQLErrors = (
  http: FastifyInstance,
  report: (requestId: string | undefined) => Report,
) => {
  http.setErrorHandler((fault: Error & { readonly statusCode?: number }, request, reply) => {
    const status = fault.statusCode ?? 500
    if (status < 500)
      return sendError(reply, { status, code: 'BAD_INPUT', message: MESSAGES[status] ?? fault.message })
    const { message, extensions } = reveal(fault, report(request.id))
    const code = isCode(extensions['code']) ? extensions['code'] : 'INTERNAL'
    if (code === 'UNAVAILABLE') void reply.header('retry-after', '1')
    return sendError(reply, { status: STATUS[code], code, message })
  })
}
