import { errors, Pool } from 'undici'
import type { Dispatcher } from 'undici'
import { CatalogueUnavailable } from '../unavailable.ts'
import { malformed } from './answers.ts'
import { retryAfterOf } from './retryAfter.ts'

/** One try failed in a way that the next one may not. */
export class Passing extends Error {
  override readonly name = 'Passing'
  /** Milliseconds for which the service asks to be left alone. */
  readonly retryAfter: number | undefined

  constructor(message: string, { cause, retryAfter }: { cause?: unknown; retryAfter?: number | undefined }) {
    super(message, cause === undefined ? {} : { cause })
    this.retryAfter = retryAfter
  }
}

/** What the service says; `undefined` that there is no such thing (404). */
export type Answer = { readonly body: unknown } | undefined

export interface HttpOptions {
  /** Where the service is; its path is put before ours. */
  readonly url: string
  /** Connections, and so requests at once. */
  readonly connections: number
  /** The largest body that is read, in bytes. */
  readonly largestBody: number
  /** The time, for services that don't tell theirs. */
  readonly now: () => Date
}

/** The most of a body that is read only to keep the connection. */
const DUMPED = 16 * 1_024

/**
 * One try of one GET, from connecting to the end of the body within `timeout` milliseconds. Throws `Passing` where
 * another try may help, else `CatalogueUnavailable`. Redirects are not followed: not to other hosts, nor at all.
 */
export const httpOf = ({ url, connections, largestBody, now }: HttpOptions) => {
  const { origin, pathname } = new URL(url)
  const base = pathname.replace(/\/+$/, '')
  const pool = new Pool(origin, { connections, maxResponseSize: largestBody, allowH2: false })

  const read = async (response: Dispatcher.ResponseData, path: string): Promise<Answer> => {
    const { statusCode, headers, body } = response
    if (statusCode === 200) return { body: jsonIn(await body.text(), path) }
    await body.dump({ limit: DUMPED })
    if (statusCode === 404) return undefined
    if (statusCode === 429 || statusCode >= 500)
      throw new Passing(`${path}: status ${statusCode}`, { retryAfter: retryAfterOf(headers, now()) })
    throw malformed(path, `status ${statusCode}`)
  }

  return {
    get: async (path: string, timeout: number): Promise<Answer> => {
      const signal = AbortSignal.timeout(timeout)
      try {
        const headers = { accept: 'application/json' }
        const response = await pool.request({ method: 'GET', path: `${base}${path}`, headers, signal })
        return await read(response, path)
      } catch (fault) {
        if (fault instanceof CatalogueUnavailable || fault instanceof Passing) throw fault
        if (signal.aborted) throw new Passing(`${path}: no answer within ${timeout} ms`, { cause: fault })
        if (isNonsense(fault)) throw malformed(path, fault)
        if (isConnection(fault)) throw new Passing(`${path}: the connection failed`, { cause: fault })
        throw fault
      }
    },
    /** Waits for the answers that are under way. */
    close: () => pool.close(),
  }
}
export type Http = ReturnType<typeof httpOf>

const jsonIn = (text: string, path: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (fault) {
    throw malformed(path, fault)
  }
}

/** What came was not HTTP, or more than anybody can want: a second try would bring the same. */
const isNonsense = (fault: unknown): boolean =>
  fault instanceof errors.HTTPParserError ||
  fault instanceof errors.HeadersOverflowError ||
  fault instanceof errors.ResponseExceededMaxSizeError

/** undici's own faults, and those of the system and of TLS below it: all have codes. So have mistakes of ours. */
const isConnection = (fault: unknown): boolean =>
  fault instanceof Error &&
  'code' in fault &&
  !(fault instanceof TypeError) &&
  !(fault instanceof errors.InvalidArgumentError)
