import { STATUS_CODES } from 'node:http'
import { z } from 'zod'
import type { ZodOpenApiResponseObject } from 'zod-openapi'
import { problemType } from '../problems.ts'
import { Currency, MoneyField } from './schemas.ts'

const Mistake = z.object({
  in: z.enum(['body', 'query', 'path', 'header']),
  name: z.string().meta({ description: 'Which part of it: `lines/0/sku`. Empty: all of it.' }),
  detail: z.string(),
})

/** What a problem document may hold: what every one has, and the members of those that have some. */
export const ProblemDocument = z
  .object({
    type: z.string().meta({
      format: 'uri-reference',
      description: `What kind of problem it is: \`${problemType('wallet-exists')}\`; \`about:blank\` where the status says it all.`,
    }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().meta({ description: 'What is wrong, in words for people.' }),
    errors: z
      .array(Mistake)
      .optional()
      .meta({ description: 'Of a malformed request: everything in it that makes no sense.' }),
    currency: Currency.optional().meta({ description: 'Of `wrong-currency`: the one that it must be.' }),
    most: z
      .int()
      .optional()
      .meta({ description: 'Of `too-many-lines` and `quantity-out-of-range`: the most there may be.' }),
    sku: z.string().optional().meta({ description: 'Of `unknown-product`: as it was asked for.' }),
    remaining: MoneyField.optional().meta({
      description: 'Of `more-than-remains`: what can still be given back.',
    }),
  })
  .meta({ id: 'Problem', description: 'An RFC 9457 problem document.' })

/** Statuses of problems, by what they mean here. */
const MEANINGS = {
  400: 'The request is malformed: it is said what makes no sense.',
  401: 'It is not known who is asking.',
  403: 'Whoever is asking may not do this.',
  404: 'There is no such thing, or it is somebody else’s.',
  409: 'It contradicts what was done before.',
  413: 'The body is too large.',
  415: 'The body is not of the content type `application/json`.',
  422: 'Well-formed, and refused by a rule.',
  426: 'This is a WebSocket.',
  429: 'Too many requests of this person in a second.',
  500: 'A fault of ours.',
  503: 'It cannot be answered at the moment: the same request may succeed later.',
} as const
export type ProblemStatus = keyof typeof MEANINGS

type Document = z.input<typeof ProblemDocument>

const plain = (status: number, detail: string): Document => ({
  type: 'about:blank',
  title: STATUS_CODES[status] ?? 'Error',
  status,
  detail,
})

const EXAMPLES: Readonly<Record<ProblemStatus, Document>> = {
  400: {
    type: problemType('malformed-request'),
    title: 'Malformed request',
    status: 400,
    detail: 'amount: Invalid input: expected number, received string',
    errors: [{ in: 'body', name: 'amount', detail: 'Invalid input: expected number, received string' }],
  },
  401: plain(401, 'Say who you are: the header X-User-ID, a UUID, is missing.'),
  403: plain(403, 'Only admins may ask for this.'),
  404: plain(404, 'There is no such order.'),
  409: {
    type: problemType('idempotency-conflict'),
    title: 'Idempotency conflict',
    status: 409,
    detail: 'This idempotency key was used before, with another input; take a new key for a new request.',
  },
  413: plain(413, 'Request body is too large'),
  415: plain(415, 'Unsupported Media Type'),
  422: {
    type: problemType('amount-out-of-range'),
    title: 'Amount out of range',
    status: 422,
    detail: 'The amount must be between 1 and 9007199254740991 minor units.',
  },
  426: plain(426, 'This is a WebSocket: ask for an upgrade.'),
  429: plain(429, 'At most 5000 mutations a second; try again a little later.'),
  500: plain(500, 'Something went wrong on our side.'),
  503: plain(503, 'The service cannot answer at the moment; try again.'),
}

const RequestIdHeader = z.uuid().meta({ description: 'By which our logs know the request.' })
const RetryAfter = z.string().meta({ description: 'Seconds after which asking again makes sense.' })
const Challenge = z.string().meta({ description: 'What would be believed.' })

const headersOf = (status: ProblemStatus) => ({
  'X-Request-ID': RequestIdHeader,
  ...(status === 401 && { 'WWW-Authenticate': Challenge }),
  ...((status === 429 || status === 503) && { 'Retry-After': RetryAfter }),
})

/** Documents the problems that an operation may answer with. */
export const problems = (
  ...statuses: readonly ProblemStatus[]
): Readonly<Record<string, ZodOpenApiResponseObject>> =>
  Object.fromEntries(statuses.map((status) => [String(status), problemAnswer(status)]))

const problemAnswer = (status: ProblemStatus): ZodOpenApiResponseObject => ({
  description: MEANINGS[status],
  headers: z.object(headersOf(status)),
  content: {
    'application/problem+json': {
      schema: ProblemDocument,
      example: EXAMPLES[status],
    },
  },
})
