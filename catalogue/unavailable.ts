import { ApiError } from '../service/errors.ts'

interface Circumstances {
  /** Why, for the log. */
  readonly cause?: unknown
  /** Milliseconds after which asking again makes sense. */
  readonly retryAfter?: number | undefined
}

/** The catalogue can't answer at the moment. The message may be shown to anybody; the cause is for the log. */
export class CatalogueUnavailable extends ApiError {
  override readonly name = 'CatalogueUnavailable'
  /** Whole seconds after which asking again makes sense; undefined when nobody knows. */
  readonly retryAfter: number | undefined

  constructor(message: string, { cause, retryAfter }: Circumstances = {}) {
    const seconds = retryAfter === undefined ? undefined : Math.ceil(retryAfter / 1_000)
    super('UNAVAILABLE', message, seconds === undefined ? {} : { retryAfter: seconds }, cause)
    this.retryAfter = seconds
  }
}

const givenUp = (signal: AbortSignal) =>
  new CatalogueUnavailable('The catalogue did not answer in the time there was.', { cause: signal.reason })

/** Settles as `work` does, or rejects as soon as `signal` is aborted; the work itself goes on, for others. */
export const unlessAborted = async <T>(
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> => {
  if (!signal) return work()
  if (signal.aborted) throw givenUp(signal)
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(givenUp(signal))
  signal.addEventListener('abort', abort, { once: true })
  try {
    return await Promise.race([work(), aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
