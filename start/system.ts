import { resolve } from 'node:path'
import { within } from '../eventstore/deadline.ts'
import type { Environment } from '../service/config.ts'
import { lockDirectory } from './lock.ts'
import { planOf } from './plan.ts'
import type { Addresses, ServiceName } from './plan.ts'
import { anyPorts, choosePorts } from './ports.ts'
import type { Ports } from './ports.ts'
import { signingKeysIn } from './signingKeys.ts'
import { allReady } from './readiness.ts'
import { supervise } from './supervise.ts'
import type { ProcessSpec, Supervised } from './supervise.ts'

export interface StartOptions {
  /** Where the embedded nodes keep their data, and the logs are; one running system each. */
  readonly dataDir: string
  /** Environment of the processes; `EVENTSTORE_URL` and `MONGODB_URL` in it stand in for the embedded nodes. */
  readonly env: Environment
  /** Wanted ports, 0 for any; what is taken is replaced by a free one. Without it, any free ones. */
  readonly ports?: Partial<Ports>
  /** Told what happens, in a line for people. */
  readonly note?: (line: string) => void
  /** Further flags for every Node process, such as `--cpu-prof`. */
  readonly nodeFlags?: readonly string[]
  /** The services to start beside the nodes; all of them if it does not say which. */
  readonly services?: readonly ServiceName[]
  /** Stops the system when it is aborted, also while it is starting. */
  readonly signal?: AbortSignal
}

/** The processes of a running system, by name: `eventstoredb`, `mongodb`, `stripe`, `orders`, `payments`, `projections`, `notifications`, `api`. */
export interface Processes {
  readonly names: readonly string[]
  readonly pid: (name: string) => number | undefined
  /** Sends a signal; if it ends the process, waits for its end. The process is then started again. */
  readonly kill: (name: string, signal: NodeJS.Signals) => Promise<void>
  /** Waits until every service is ready (again). */
  readonly ready: (ms?: number) => Promise<void>
}

export interface System {
  readonly addresses: Addresses
  readonly ports: Ports
  readonly processes: Processes
  /** Milliseconds from the call to being ready. */
  readonly startedIn: number
  /** Stops everything in order: the API, the services, the nodes. */
  readonly stop: () => Promise<void>
  /** Kills everything at once, as a power cut would; the same directory and ports can then be started again. */
  readonly crash: () => Promise<void>
  /** Resolves when the system has stopped: with the reason if it did so by itself. */
  readonly ended: Promise<Error | undefined>
}

const READY_WITHIN = 60_000
const root = resolve(import.meta.dirname, '..')

/**
 * Starts the whole system as processes of its own, and answers when all of them are ready. They are started
 * again when they die, and end with the process that calls this. Throws `DataDirectoryInUse`.
 */
export const startSystem = async (options: StartOptions): Promise<System> => {
  const { dataDir, env, ports: wanted, note = () => {}, signal: interrupted } = options
  const { nodeFlags = [], services: chosen } = options
  const begun = performance.now()
  const directory = resolve(dataDir)
  const lock = await lockDirectory(directory, () => new Date())
  const ended = Promise.withResolvers<Error | undefined>()
  const stopped = new AbortController()
  const running = new Map<string, Supervised>()
  let order: readonly (readonly string[])[] = []

  const record = () => lock.record([...running.values()].flatMap((process) => process.pid() ?? []))
  const launch = (spec: ProcessSpec): Supervised => {
    const supervised = supervise(spec, { note, onSpawn: record, onGivingUp: (why) => void stop(why) })
    running.set(spec.name, supervised)
    record()
    return supervised
  }
  const stop = async (why?: Error, signal: NodeJS.Signals = 'SIGTERM') => {
    if (!stopped.signal.aborted) {
      stopped.abort(why ?? new Error('the system was stopped'))
      for (const names of signal === 'SIGKILL' ? [order.flat()] : order)
        await Promise.all(names.map(async (name) => running.get(name)?.stop(signal)))
      lock.release()
      ended.resolve(why)
    }
    return ended.promise
  }

  interrupted?.addEventListener('abort', () => void stop())

  try {
    interrupted?.throwIfAborted()
    const ports = await choosePorts({ ...anyPorts, ...wanted }, env['HOST'] || '127.0.0.1', note)
    stopped.signal.throwIfAborted()
    const { addresses, nodes, services } = planOf({
      root,
      dataDir: directory,
      ports,
      env,
      signingKeys: env['AUTH_MODE'] === 'jwt' ? signingKeysIn(directory) : undefined,
      nodeFlags,
      ...(chosen ? { services: chosen } : {}),
    })
    order = [
      ['api'],
      ['orders', 'payments', 'projections', 'notifications'],
      nodes.map(({ spec }) => spec.name),
    ]
    const withReadyz = services.map(({ spec, readyz }) => ({ name: spec.name, readyz }))
    const ready = (ms = READY_WITHIN) => allReady(withReadyz, ms, stopped.signal)

    await Promise.all(
      nodes.map(({ spec, ready }) =>
        untilStopped(stopped.signal, within(READY_WITHIN, spec.name, launch(spec).said(ready))),
      ),
    )
    for (const { spec } of services) launch(spec)
    await ready()

    const named = (name: string): Supervised => {
      const found = running.get(name)
      if (!found) throw new Error(`there is no process ${name}, only ${[...running.keys()].join(', ')}`)
      return found
    }
    return {
      addresses,
      ports,
      startedIn: performance.now() - begun,
      processes: {
        names: [...running.keys()],
        pid: (name) => named(name).pid(),
        kill: (name, signal) => named(name).kill(signal),
        ready,
      },
      stop: async () => void (await stop()),
      crash: async () => void (await stop(undefined, 'SIGKILL')),
      ended: ended.promise,
    }
  } catch (fault) {
    const why: unknown = stopped.signal.aborted ? stopped.signal.reason : fault
    await stop()
    throw why
  }
}

/** Settles as the work does, or rejects with the signal's reason. */
const untilStopped = async <T>(signal: AbortSignal, work: Promise<T>): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const abort = () => reject(signal.reason)
  signal.addEventListener('abort', abort)
  try {
    return await Promise.race([work, promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}
