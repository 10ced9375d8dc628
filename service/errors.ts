/** What a client can tell errors apart by, however it asks. What it must expect is a refusal, and no error. */
export const CODES = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'BAD_INPUT',
  'NOT_FOUND',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'CONFLICT',
  'INTERNAL',
] as const
export type Code = (typeof CODES)[number]

/** What a client is told beside code and message. */
export interface Told {
  /** Seconds after which asking again makes sense. */
  readonly retryAfter?: number
}

/** An error that is meant for the client, word by word; each surface says it in its own way. */
export class ApiError extends Error {
  override readonly name: string = 'ApiError'
  readonly code: Code
  readonly told: Told

  constructor(code: Code, message: string, told: Told = {}, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.code = code
    this.told = told
  }
}

/** The client's mistake; the message names the field. */
export const badInput = (message: string): ApiError => new ApiError('BAD_INPUT', message)

/** The same whether there is none, or it is somebody else's. */
export const noSuchOrder = (): ApiError => new ApiError('NOT_FOUND', 'You have no order with this id.')

/** Something that we need does not answer: the same request may succeed in a moment. */
export const unavailable = (message: string): ApiError => new ApiError('UNAVAILABLE', message)
