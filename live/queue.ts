import type { Sink } from '../service/topic.ts'
import { unavailable } from '../service/errors.ts'

/** A subscriber's updates: pushed in at one end, iterated at the other. */
export interface LiveQueue<T> extends Sink<T>, AsyncIterableIterator<T, undefined> {
  /** Nothing more will come: iteration ends when all is taken. */
  end(): void
  return(): Promise<IteratorResult<T, undefined>>
}

export interface QueueOptions {
  /** Updates that may wait for a subscriber; one that falls further behind is ended. */
  readonly limit: number
  /** Called once, however it ends. */
  readonly onClose: () => void
  /** How the subscriber is told what ended it; just so, unless its surface says things in another way. */
  readonly telling?: Telling | undefined
}

/** Says a fault as a surface does. */
export type Telling = (fault: Error) => Error

/** Whoever doesn't keep up is told so, rather than served from memory without limit. */
export const tooSlow = () =>
  unavailable('You do not keep up with the updates; subscribe again, and go on where you were.')

/**
 * A bounded queue with one consumer. It costs one promise for an update that is waited for, and none to push:
 * thousands of updates a second pass here.
 */
export const liveQueue = <T>({ limit, onClose, telling = (fault) => fault }: QueueOptions): LiveQueue<T> => {
  let values: T[] = []
  let taken = 0
  let waiting: PromiseWithResolvers<IteratorResult<T, undefined>>[] = []
  let closed = false
  let failure: Error | undefined

  const close = (error?: Error) => {
    if (closed) return
    closed = true
    const waiters = waiting
    waiting = []
    // With somebody waiting the queue is empty; else the error is for whoever comes when it is.
    const [first, ...others] = waiters
    if (first && error) first.reject(error)
    else first?.resolve({ done: true, value: undefined })
    for (const { resolve } of others) resolve({ done: true, value: undefined })
    if (!first) failure = error
    onClose()
  }

  const take = (): T | undefined => {
    const value = values[taken++]
    if (taken === values.length) {
      values = []
      taken = 0
    }
    return value
  }

  const queue: LiveQueue<T> = {
    push: (value) => {
      if (closed) return
      const waiter = waiting.shift()
      if (waiter) waiter.resolve({ done: false, value })
      else if (values.push(value) - taken > limit) {
        values = []
        taken = 0
        close(telling(tooSlow()))
      }
    },
    fail: (error) => close(telling(error)),
    end: () => close(),
    next: () => {
      if (taken < values.length) {
        const value = take()
        if (value !== undefined) return Promise.resolve({ done: false, value })
      }
      if (failure) {
        const error = failure
        failure = undefined
        return Promise.reject(error)
      }
      if (closed) return Promise.resolve({ done: true, value: undefined })
      const next = Promise.withResolvers<IteratorResult<T, undefined>>()
      waiting.push(next)
      return next.promise
    },
    return: () => {
      values = []
      taken = 0
      close()
      failure = undefined
      return Promise.resolve({ done: true, value: undefined })
    },
    [Symbol.asyncIterator]: () => queue,
  }
  return queue
}
