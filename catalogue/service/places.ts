/** Lets a bounded number of works run at once, in the order of asking; the queue behind them is bounded too. */
export type Places = <T>(work: () => Promise<T>, signal: AbortSignal) => Promise<T>

/** All places and the whole queue are taken. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'
}

export interface PlacesOptions {
  readonly most: number
  readonly mostWaiting: number
}

/** Throws `QueueFull` at once, and the signal's reason when it is aborted before there was a place. */
export const placesOf = ({ most, mostWaiting }: PlacesOptions): Places => {
  const waiting = new Set<() => void>()
  let taken = 0

  const enter = async (signal: AbortSignal): Promise<void> => {
    if (taken < most) {
      taken++
      return
    }
    if (waiting.size >= mostWaiting) throw new QueueFull(`${taken} at work and ${waiting.size} waiting`)
    const { promise: called, resolve, reject } = Promise.withResolvers<void>()
    const leave = () => {
      waiting.delete(resolve)
      reject(signal.reason)
    }
    waiting.add(resolve)
    signal.addEventListener('abort', leave, { once: true })
    try {
      await called
    } finally {
      signal.removeEventListener('abort', leave)
    }
  }

  /** The place goes to whoever waits longest, without being free in between. */
  const leave = () => {
    const [next] = waiting
    if (!next) {
      taken--
      return
    }
    waiting.delete(next)
    next()
  }

  return async (work, signal) => {
    signal.throwIfAborted()
    await enter(signal)
    try {
      return await work()
    } finally {
      leave()
    }
  }
}
