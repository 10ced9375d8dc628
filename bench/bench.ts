import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceName } from '../start/plan.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import type { Options } from './options.ts'
import type { Reporter } from './report.ts'

/** One thing to measure. */
export interface Bench {
  /** In a line, for the help. */
  readonly about: string
  /** Throws when what it measures is not right. */
  readonly run: (run: Run) => Promise<void>
}

/** What a bench is given. */
export interface Run {
  readonly options: Options
  readonly report: Reporter
  /** Aborted when somebody wants it to stop. */
  readonly signal: AbortSignal
}

export interface Setting {
  /** A directory that is there already; without it, a new one that is removed in the end. */
  readonly dataDir?: string
  /** All services if it does not say which. */
  readonly services?: readonly ServiceName[]
  readonly env?: Readonly<Record<string, string>>
}

/** Further flags of Node for every process that is measured. */
export const profiling = ({ options: { profile } }: Run): readonly string[] =>
  profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]

/** Gives a directory that is removed in the end, whatever happens. */
export const withDirectory = async <T>(use: (dataDir: string) => Promise<T>): Promise<T> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'))
  try {
    return await use(dataDir)
  } finally {
    await rm(dataDir, { recursive: true, force: true })
  }
}

/** Starts a system, and stops it in the end, whatever happens. */
export const withSystem = async <T>(
  run: Run,
  { dataDir, services, env }: Setting,
  use: (system: System) => Promise<T>,
): Promise<T> => {
  if (dataDir === undefined)
    return withDirectory((created) =>
      withSystem(run, { dataDir: created, ...(services && { services }), ...(env && { env }) }, use),
    )
  const system = await startSystem({
    dataDir,
    env: { ...process.env, LOG_LEVEL: 'warn', RATE_LIMIT_PER_SECOND: '0', ...env },
    note: run.report.note,
    nodeFlags: profiling(run),
    signal: run.signal,
    ...(services && { services }),
  })
  try {
    return await Promise.race([use(system), endOf(system), aborted(run.signal)])
  } finally {
    await system.stop()
  }
}

/** A system that ends by itself ends the bench. */
const endOf = async (system: System): Promise<never> => {
  const why = await system.ended
  throw why ?? new Error('the system has stopped')
}

const aborted = (signal: AbortSignal): Promise<never> => {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  return promise
}

/** The processes whose use of the machine is measured, by name; `driver` is this one. */
export const pidsOf = (system: System): Record<string, number> => ({
  ...Object.fromEntries(system.processes.names.map((name) => [name, system.processes.pid(name) ?? 0])),
  driver: process.pid,
})
