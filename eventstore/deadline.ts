import { Unavailable } from './faults.ts'

/**
 * Settles as `work` does, or rejects with `Unavailable` after `ms`, or as the signal says when it is aborted; the
 * work itself is not stopped.
 */
export const within = async <T>(
  ms: number,
  what: string,
  work: Promise<T>,
  signal?: AbortSignal,
): Promise<T> => {
  const end = Promise.withResolvers<never>()
  const timer = setTimeout(() => end.reject(new Unavailable(`${what}: no answer within ${ms} ms`)), ms)
  const leave = () => end.reject(signal?.reason)
  signal?.addEventListener('abort', leave)
  if (signal?.aborted) leave()
  try {
    return await Promise.race([work, end.promise])
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', leave)
  }
}

/** The same items, if all of them come within `ms`; after that, leaves the source and throws `Unavailable`. */
export async function* allWithin<T>(ms: number, what: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  const end = performance.now() + ms
  for await (const item of items) {
    if (performance.now() > end) throw new Unavailable(`${what}: not done within ${ms} ms`)
    yield item
  }
}
