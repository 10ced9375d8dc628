import { Pool } from 'undici'
import { z } from 'zod'

/** The API answered with errors instead of data, or not as an API would. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  /** The code in the first error's extensions; `HTTP <status>` where there is none. */
  readonly code: string

  constructor(code: string, message: string) {
    super(`${code}: ${message}`)
    this.code = code
  }
}

export interface Request<T> {
  readonly user: string
  /** USER if it does not say. */
  readonly role?: 'ADMIN'
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  /** What the answer's `data` must be. */
  readonly data: z.ZodType<T>
  /** Asks for an answer at least as new as what the token came with. */
  readonly consistencyToken?: string
}

const Answer = z.object({
  data: z.unknown(),
  errors: z
    .array(z.object({ message: z.string(), extensions: z.object({ code: z.string() }).optional() }))
    .optional(),
})

/** Milliseconds for an answer to begin, and to end. */
const DEADLINE = 10_000

/** A small client of the GraphQL API over HTTP, with a pool of connections; for demo, benchmark and tests. */
export const httpClient = (url: string, connections: number) => {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, { connections, headersTimeout: DEADLINE, bodyTimeout: DEADLINE })
  return {
    /** Throws `ApiError` when the API answers with errors, and undici's errors when it can't be reached. */
    ask: async <T>({ user, role, query, variables, data, consistencyToken }: Request<T>): Promise<T> => {
      const { statusCode, body } = await pool.request({
        path: pathname,
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          accept: 'application/json',
          'x-user-id': user,
          ...(role ? { 'x-user-role': role } : {}),
          ...(consistencyToken ? { 'x-consistency-token': consistencyToken } : {}),
        },
        body: JSON.stringify({ query, variables }),
      })
      const answer = Answer.safeParse(parsed(await body.text()))
      const error = answer.data?.errors?.[0]
      if (!answer.success || error)
        throw new ApiError(
          error?.extensions?.code ?? `HTTP ${statusCode}`,
          error?.message ?? 'no GraphQL answer',
        )
      return data.parse(answer.data.data)
    },
    close: () => pool.close(),
  }
}
export type HttpClient = ReturnType<typeof httpClient>

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
