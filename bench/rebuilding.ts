import { z } from 'zod'
import type { System } from '../start/system.ts'
import { pidsOf } from './bench.ts'
import type { Run } from './bench.ts'
import { startChild } from './child.ts'
import { cpuShares } from './cpu.ts'
import type { Filled } from './filling.ts'
import { memoryOf } from './memory.ts'
import type { Memory } from './memory.ts'
import type { Progress } from './progress.ts'
import { figure, noting } from './report.ts'

export interface Rebuilding {
  /** The name of a database that has no read models yet. */
  readonly database: string
  /** The read models to fold; all of them by default. */
  readonly only?: readonly string[]
  readonly filled: Pick<Filled, 'events' | 'position'>
}

export interface Rebuilt {
  /** How far it was when, from the first write to the last; the last line is told when the indexes are there, too. */
  readonly progress: readonly Progress[]
  /** Percent of one core, by process. */
  readonly cpu: Readonly<Record<string, number>>
  readonly memory: Readonly<Record<'rebuild' | 'mongodb', Memory>>
}

const Told = z.object({ events: z.int(), ms: z.number() })
const LOOK_INTERVAL = 250
/** One that folds fewer events a second than this is given up. */
const SLOWEST = 1_000
const LEAST_SECONDS = 60

/** Rebuilds all read models in a process of its own; throws if that fails or takes too long. */
export const rebuildIn = async (
  run: Run,
  system: System,
  { database, filled, only }: Rebuilding,
): Promise<Rebuilt> => {
  const progress: Progress[] = []
  const child = startChild(run, 'rebuildProcess.ts', {
    env: {
      EVENTSTORE_URL: system.addresses.eventstore,
      MONGODB_URL: system.addresses.mongodb,
      MONGODB_DATABASE: database,
      UP_TO: String(filled.position),
      ...(only ? { ONLY: only.join(',') } : {}),
    },
    within: Math.round(LEAST_SECONDS + filled.events / SLOWEST),
    onMessage: (message) => progress.push(Told.parse(message)),
  })
  const cpu = cpuShares({ ...pidsOf(system), rebuild: child.pid })
  const look = () => ({
    memory: { rebuild: memoryOf(child.pid), mongodb: memoryOf(system.processes.pid('mongodb') ?? 0) },
    cpu: cpu.share(),
  })
  let seen = look()
  const looking = setInterval(() => {
    const now = look()
    // Nothing is left of a process that has ended.
    if (now.memory.rebuild.now > 0) seen = now
  }, LOOK_INTERVAL)
  try {
    const far = () => `${figure(progress.at(-1)?.events ?? 0)} of ${figure(filled.events)} events folded`
    await noting(run.report, far, child.ended)
  } finally {
    clearInterval(looking)
  }
  return { progress, ...seen }
}
