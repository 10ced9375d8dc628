import { z } from 'zod'
import type { ZodOpenApiResponseObject } from 'zod-openapi'

/** What a query may say about itself. */
export const queryHeaders = z.looseObject({
  'x-request-id': z
    .string()
    .optional()
    .meta({ description: 'A UUID by which our logs know the request; a new one if there is none.' }),
  'x-consistency-token': z
    .string()
    .optional()
    .meta({ description: 'Of an earlier answer: this one is at least as new, or 503 after 2 s.' }),
})

const key = z.string().min(1).max(128).meta({
  description:
    'Chosen by the client, 1–128 characters: the same key with the same request answers as the first time.',
})

const { 'x-request-id': requestId } = queryHeaders.shape

/** What a request says about itself that makes or moves something: it can be repeated by its key. */
export const repeatableHeaders = z.looseObject({ 'x-request-id': requestId, 'idempotency-key': key })

/** Of a request that can be repeated anyway: a key may be given, and changes nothing. */
export const commandHeaders = z.looseObject({
  'x-request-id': requestId,
  'idempotency-key': key
    .optional()
    .meta({ description: 'May be given, 1–128 characters, and changes nothing.' }),
})

export interface Answer {
  readonly description: string
  readonly schema: z.ZodType
  readonly example: unknown
  /** What it says in headers beside what every answer does. */
  readonly headers?: z.ZodRawShape
}

/** Documents an answer of JSON, with the headers that each has. */
export const answer = ({ description, schema, example, headers }: Answer): ZodOpenApiResponseObject => ({
  description,
  headers: z.object({
    'X-Request-ID': z.uuid(),
    'X-Consistency-Token': z
      .string()
      .optional()
      .meta({ description: 'Give it back in a query, and its answer is at least as new as this one.' }),
    ...headers,
  }),
  content: { 'application/json': { schema, example } },
})
