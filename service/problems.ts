import type { FastifyInstance, FastifyReply } from 'fastify'
import { RequestValidationError } from 'fastify-zod-openapi'
import { STATUS_CODES } from 'node:http'
import type { Said } from '../domain/refusals.ts'
import { Contended, isPassing, Overloaded } from '../eventstore/faults.ts'
import { ApiError } from './errors.ts'
import type { Code } from './errors.ts'
import { mistakesIn } from './mistakes.ts'
import type { Place } from './mistakes.ts'

/** An RFC 9457 problem document, and what its answer says in headers. */
export interface Problem {
  readonly status: number
  readonly detail: string
  /** What kind of problem it is, where that is more than the status says: words in lower case, joined by hyphens. */
  readonly kind?: string
  /** What else there is to know of that kind. */
  readonly members?: Readonly<Record<string, unknown>>
  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number | undefined
}

/** The codes of errors as HTTP says them. */
export const STATUS: Readonly<Record<Code, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_INPUT: 400,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  CONFLICT: 409,
  INTERNAL: 500,
}

/** The type of a problem: a name, not a place, so that it is the same wherever a service runs. */
export const problemType = (kind: string): string => `urn:problem-type:counterfoil:${kind}`

/** Answers with a problem document. */
export const sendProblem = (reply: FastifyReply, { status, detail, kind, members, retryAfter }: Problem) => {
  // Whole seconds (RFC 9110), and never too early.
  if (retryAfter !== undefined) void reply.header('retry-after', String(Math.ceil(retryAfter)))
  const title = kind === undefined ? (STATUS_CODES[status] ?? 'Error') : sentence(kind.replaceAll('-', ' '))
  return reply
    .code(status)
    .type('application/problem+json')
    .send({
      type: kind === undefined ? 'about:blank' : problemType(kind),
      title,
      status,
      detail,
      ...members,
    })
}

/** A refusal as a problem: its kind is the type, and what it says beside its message are the members. */
export const problemOfRefusal = ({ kind, message, ...members }: Said, status: number): Problem => ({
  status,
  kind: inWords(kind, '-'),
  detail: message,
  members: Object.fromEntries(Object.entries(members).map(([name, value]) => [inWords(name, '_'), value])),
})

const inWords = (name: string, joint: string): string =>
  name.replaceAll(/(?<=.)[A-Z]/g, (letter) => `${joint}${letter}`).toLowerCase()

const sentence = (words: string): string => `${words.charAt(0).toUpperCase()}${words.slice(1)}`

/** A fault that Fastify or a plug-in of it throws. */
interface HttpFault extends Error {
  readonly statusCode?: number
  readonly validation?: readonly unknown[]
  readonly validationContext?: string
}

const PLACES: Readonly<Record<string, Place>> = {
  body: 'body',
  querystring: 'query',
  params: 'path',
  headers: 'header',
}

/** What a client is told of a fault: its own mistakes in words, ours without the inside of the house. */
export const problemOf = (fault: HttpFault): Problem => {
  if (fault instanceof ApiError)
    return { status: STATUS[fault.code], detail: fault.message, retryAfter: patienceIn(fault) }
  if (fault instanceof Overloaded || fault instanceof Contended || isPassing(fault))
    return { status: 503, detail: 'The service cannot answer at the moment; try again.', retryAfter: 1 }
  if (fault.validation) {
    const found = fault.validation.filter((each) => each instanceof RequestValidationError)
    const errors = mistakesIn(
      PLACES[fault.validationContext ?? ''] ?? 'body',
      found.map(({ params }) => params.issue),
    )
    const [first] = errors
    return {
      status: 400,
      kind: 'malformed-request',
      detail: first ? `${first.name || first.in}: ${first.detail}` : 'The request does not make sense.',
      members: { errors },
    }
  }
  const status = fault.statusCode ?? 500
  return status < 500
    ? { status, detail: fault.message }
    : { status, detail: 'Something went wrong on our side.' }
}

const patienceIn = ({ code, told }: ApiError): number | undefined =>
  told.retryAfter ?? (code === 'UNAVAILABLE' ? 1 : undefined)

/** Makes unknown paths and every error answer with a problem document. */
export const answerWithProblems = (http: FastifyInstance) => {
  http.setNotFoundHandler((request, reply) =>
    sendProblem(reply, {
      status: 404,
      detail: `There is no ${request.method} ${request.url.split('?')[0]}.`,
    }),
  )
  http.setErrorHandler((fault: HttpFault, request, reply) => {
    const problem = problemOf(fault)
    // Without its query: that may hold what nobody else should know, such as the code of a sign-in.
    if (problem.status >= 500)
      request.log.error({ err: fault, url: request.url.split('?')[0] }, 'request failed')
    return sendProblem(reply, problem)
  })
}
