import { Unavailable } from './faults.ts'

/** Settles as `work` does, or rejects with `Unavailable` after `ms`; the work itself is not stopped. */
export const within = async <T>(ms: number, what: string, work: Promise<T>): Promise<T> => {
  const expiry = Promise.withResolvers<never>()
  const timer = setTimeout(() => expiry.reject(new Unavailable(`${what}: no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([work, expiry.promise])
  } finally {
    clearTimeout(timer)
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
