import { setTimeout as delay } from 'node:timers/promises'
import { Unavailable } from '../eventstore/faults.ts'

interface Waiter {
  readonly position: bigint
  readonly until: number
  readonly resolve: () => void
  readonly reject: (fault: unknown) => void
}

/** Milliseconds between two looks while somebody waits, and while many do. */
const POLL = { few: 1, many: 5 }
const MANY = 5
/** Waiters at a time; more than that are refused at once. */
const MAX_WAITERS = 10_000

/**
 * Lets any number of callers wait for the read models to reach a position, with one look at a time for all of
 * them, and none while nobody waits. What was reached once is remembered: positions only grow.
 */
export const waitForPosition = (look: () => Promise<bigint>) => {
  let reached = 0n
  let looking = false
  const waiters = new Set<Waiter>()

  const settle = () => {
    const now = performance.now()
    for (const waiter of waiters) {
      if (waiter.position <= reached) waiter.resolve()
      else if (waiter.until < now) waiter.reject(new Unavailable('the read models are not that new yet'))
      else continue
      waiters.delete(waiter)
    }
  }

  const lookUntilAllAreServed = async () => {
    looking = true
    try {
      while (waiters.size > 0) {
        reached = await look()
        settle()
        if (waiters.size > 0) await delay(waiters.size < MANY ? POLL.few : POLL.many)
      }
    } catch (fault) {
      for (const { reject } of waiters) reject(fault)
      waiters.clear()
    } finally {
      looking = false
    }
  }

  /** Throws `Unavailable` if the position is not reached within `ms`. */
  return async (position: bigint, ms: number): Promise<void> => {
    if (position <= reached) return
    if (waiters.size >= MAX_WAITERS) throw new Unavailable('too many queries wait for the read models')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiters.add({ position, until: performance.now() + ms, resolve, reject })
    if (!looking) void lookUntilAllAreServed()
    await promise
  }
}
