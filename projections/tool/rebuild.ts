import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { setTimeout as delay } from 'node:timers/promises'
import { nextOf } from '../builds.ts'
import { controlOf } from '../control.ts'
import type { Foldable } from '../folder.ts'
import { runProjections } from '../runner.ts'
import { readStates } from '../state.ts'
import type { Built, ProjectionState } from '../state.ts'
import { progressBar } from './progress.ts'

export interface RebuildOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  /** All projections; this process folds them if no other does. */
  readonly projections: readonly Foldable[]
  /** Which of them to build anew. */
  readonly names: readonly string[]
  readonly verify: boolean
  readonly signal: AbortSignal
  readonly now: () => Date
  readonly newId: () => string
  /** Milliseconds, on a clock that never jumps. */
  readonly clock: () => number
  /** Shows the present state of things; what was shown before may be replaced. */
  readonly show: (line: string) => void
  /** Says something once. */
  readonly say: (line: string) => void
}

const POLL = 250

/**
 * Asks for read models to be built anew and watches until they are. Whoever folds does the work; if nobody does,
 * it is this process. Answers whether all of them serve now.
 */
export const rebuildAndWatch = async (options: RebuildOptions): Promise<boolean> => {
  const { names, verify, newId, say } = options
  const id = newId()
  await controlOf(options).requestBuild(names, { id, verify })

  const ending = new AbortController()
  const signal = AbortSignal.any([options.signal, ending.signal])
  const folding = runProjections({ ...options, signal, observer: observerFor(say) })
  // Its failure ends the watching, and is met below.
  folding.catch((fault: unknown) => ending.abort(fault))
  try {
    return await watch({ ...options, signal }, id)
  } finally {
    ending.abort()
    await folding
  }
}

const observerFor = (say: (line: string) => void) => ({
  wrote: () => undefined,
  retried: (fault: unknown) => say(`waiting: ${fault instanceof Error ? fault.message : String(fault)}`),
  stopped: () => undefined,
})

const watch = async (options: RebuildOptions, id: string): Promise<boolean> => {
  const { db, names, signal, clock, show, say } = options
  const draw = progressBar(names.join(', '))
  const waiting = new Set(names)
  let switched = true
  while (waiting.size > 0) {
    await delay(POLL, undefined, { signal })
    const states = await readStates(db)
    const mine = names.flatMap((name) => states.get(name) ?? [])
    const builds = mine.flatMap(({ build }) => (build?.id === id ? [build] : []))
    const slowest = builds.toSorted((a, b) => a.position - b.position)[0]
    if (slowest) show(draw({ ...slowest, at: clock() }))
    for (const state of mine) {
      const { _id: name, built } = state
      if (!waiting.has(name)) continue
      const stop = stopOf(state)
      if (stop) say(stop)
      if (!stop && built?.id !== id) continue
      if (!stop && built && state.build) continue
      waiting.delete(name)
      if (!stop && built) say(outcomeOf(name, built))
      switched &&= !stop && built?.outcome === 'SWITCHED'
    }
  }
  return switched
}

const stopOf = ({ _id: name, stopped }: ProjectionState): string | undefined =>
  stopped?.collection === nextOf(name)
    ? `${name}: the build stopped at ${stopped.type} ${stopped.revision}@${stopped.stream}: ${stopped.fault}`
    : undefined

const outcomeOf = (name: string, built: Built): string => {
  const { verify, events, seconds, outcome, compared, differing } = built
  const what = `${name}: ${events.toLocaleString('en')} events in ${seconds.toFixed(1)} s`
  if (outcome === 'DIFFERS')
    return `${what}; NOT switched, as documents differ from those that serve: ${differing.join(', ')}`
  const equal =
    compared === undefined
      ? verify
        ? '; not compared, as the documents that served were of another version or had stopped'
        : ''
      : `; ${compared.toLocaleString('en')} documents compared, all equal`
  return `${what}; serves now${equal}`
}
