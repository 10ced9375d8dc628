import type { FastifyInstance } from 'fastify'
import { sendProblem, STATUS } from '../../service/problems.ts'
import { isCode, reveal } from '../errors.ts'
import type { Report } from '../errors.ts'

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
    return sendProblem(reply, { status, detail: message, retryAfter: status === 503 ? 1 : undefined })
  })
}
