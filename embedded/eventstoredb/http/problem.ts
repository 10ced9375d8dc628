import { STATUS_CODES } from 'node:http'

import { Code, isOurFault, StatusError } from '../grpc/status.ts'
import { jsonAnswer, type Answer } from './answers.ts'

interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** The reason phrase: the official client shows nothing else of an error. ASCII. */
  readonly title?: string
}

/** A refusal, in words for who gets it. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly status: number
  readonly options: ProblemOptions

  constructor(status: number, detail: string, options: ProblemOptions = {}) {
    super(detail)
    this.status = status
    this.options = options
  }
}

export function refuseHttp(status: number, detail: string, options?: ProblemOptions): never {
  throw new Problem(status, detail, options)
}

/** What services refuse, in the words of HTTP. */
const httpStatus: Readonly<Record<number, number>> = {
  [Code.unauthenticated]: 401,
  [Code.invalidArgument]: 400,
  [Code.notFound]: 404,
  [Code.alreadyExists]: 409,
  [Code.permissionDenied]: 403,
  [Code.resourceExhausted]: 429,
  [Code.failedPrecondition]: 400,
  [Code.unimplemented]: 501,
  [Code.internal]: 400,
  [Code.unavailable]: 503,
}

/** What whoever runs the node should hear of: damage, and what nobody has thought of. */
export const isUnexpected = (error: unknown): boolean => !(error instanceof Problem) && isOurFault(error)

/** Whatever was thrown, as an answer. What nobody expected is not for the client to see. */
export function problemAnswer(error: unknown): Answer {
  if (error instanceof Problem) return answerOf(error)
  if (error instanceof StatusError) {
    const { code, message } = error.status
    return answerOf(new Problem(httpStatus[code] ?? 500, message))
  }
  return answerOf(new Problem(500, 'The node could not answer this request.'))
}

function answerOf({ status, message, options }: Problem): Answer {
  const title = options.title ?? STATUS_CODES[status] ?? 'Error'
  return {
    ...jsonAnswer({ status, title, detail: message }, { status, type: 'application/problem+json' }),
    reason: title,
    ...(options.headers === undefined ? {} : { extra: options.headers }),
  }
}
