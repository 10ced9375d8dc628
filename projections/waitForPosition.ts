import { setTimeout as delay } from 'node:timers/promises'
import { Unavailable } from '../eventstore/faults.ts'

interface Waiter {
  readonly models: readonly string[]
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
 * them, and none while nobody waits. Each waits for the models that it reads, and for no other. What was reached once is remembered: positions only grow.
 */
export const waitForPosition = (look: () => Promise<ReadonlyMap<string, bigint>>) => {
  let reached: ReadonlyMap<string, bigint> = new Map()
  let looking = false
  const waiters = new Set<Waiter>()

  const have = (models: readonly string[], position: bigint): boolean =>
    models.every((model) => (reached.get(model) ?? 0n) >= position)

  const settle = () => {
    const now = performance.now()
    for (const waiter of waiters) {
      if (have(waiter.models, waiter.position)) waiter.resolve()
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
  return async (position: bigint, ms: number, ...models: readonly string[]): Promise<void> => {
    if (have(models, position)) return
    if (waiters.size >= MAX_WAITERS) throw new Unavailable('too many queries wait for the read models')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    waiters.add({ models, position, until: performance.now() + ms, resolve, reject })
    if (!looking) void lookUntilAllAreServed()
    await promise
  }
}
