import type { FastifyInstance } from 'fastify'
import { sendProblem } from '../../service/problems.ts'
import { isCode, reveal } from '../errors.ts'
import type { Code, Report } from '../errors.ts'

/** The API's codes as HTTP says them. */
const STATUS: Readonly<Record<Code, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_INPUT: 400,
  NOT_FOUND: 404,
  RATE_LIMITED: 429,
  UNAVAILABLE: 503,
  CONFLICT: 409,
  INTERNAL: 500,
}

/** Makes every error of these routes a problem document; what clients are not shown is reported instead. */
export const answerWithProblemsOf = (http: FastifyInstance, report: (requestId?: string) => Report): void => {
  http.setErrorHandler((fault: Error & { readonly statusCode?: number }, _, reply) => {
    if (fault.statusCode !== undefined && fault.statusCode < 500)
      return sendProblem(reply, { status: fault.statusCode, detail: fault.message })
    const requestId = reply.getHeader('x-request-id')
    const { message, extensions } = reveal(
      fault,
      report(typeof requestId === 'string' ? requestId : undefined),
    )
    const { code } = extensions
    const status = isCode(code) ? STATUS[code] : 500
    if (status === 503) void reply.header('retry-after', '1')
    return sendProblem(reply, { status, detail: message })
  })
}
