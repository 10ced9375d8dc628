import type { FastifyInstance, FastifyReply } from 'fastify'
import { STATUS_CODES } from 'node:http'
import { Overloaded, Unavailable } from '../eventstore/faults.ts'

/** An RFC 9457 problem document. */
export interface Problem {
  readonly status: number
  readonly detail: string
}

/** Answers with a problem document. */
export const sendProblem = (reply: FastifyReply, { status, detail }: Problem) =>
  reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: STATUS_CODES[status] ?? 'Error', status, detail })

/** What a client is told of a fault: its own mistakes in words, ours without the inside of the house. */
const problemOf = (fault: Error & { readonly statusCode?: number }): Problem => {
  if (fault instanceof Unavailable || fault instanceof Overloaded)
    return { status: 503, detail: 'The service cannot answer at the moment; try again.' }
  const status = fault.statusCode ?? 500
  return status < 500
    ? { status, detail: fault.message }
    : { status, detail: 'Something went wrong on our side.' }
}

/** Makes unknown paths and every error answer with a problem document. */
export const answerWithProblems = (http: FastifyInstance) => {
  http.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      status: 404,
      detail: `There is no ${request.method} ${request.url.split('?')[0]}.`,
    }),
  )
  http.setErrorHandler((fault: Error, request, reply) => {
    const problem = problemOf(fault)
    if (problem.status >= 500) request.log.error({ err: fault, url: request.url }, 'request failed')
    if (problem.status === 503) void reply.header('retry-after', '1')
    return sendProblem(reply, problem)
  })
}
