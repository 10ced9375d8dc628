import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Environment } from '../service/config.ts'
import { startSystem } from '../start/system.ts'
import { DEFAULT_URL } from './options.ts'
import type { Options } from './options.ts'

/** A running system, whoever started it. */
export interface Venue {
  readonly url: string
  /** Has payments rest while the work goes on; only in a system of our own. */
  readonly whilePaymentsRest?: <T>(work: () => Promise<T>) => Promise<T>
  readonly leave: () => Promise<void>
}

/** Nothing answers at the address that was asked for. */
export class NoApi extends Error {
  override readonly name = 'NoApi'
}

const PROBE_DEADLINE = 2_000

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-user-id': crypto.randomUUID() },
      body: JSON.stringify({ query: '{ me { id } }' }),
      signal: AbortSignal.timeout(PROBE_DEADLINE),
    })
    await response.text()
    return response.ok
  } catch {
    return false
  }
}

/** The system that was asked for; else the one that runs at the usual address; else one of our own. */
export const findVenue = async (
  { url, data }: Pick<Options, 'url' | 'data'>,
  { env, note, signal }: { env: Environment; note: (line: string) => void; signal: AbortSignal },
): Promise<Venue> => {
  if (url !== undefined) {
    if (await answers(url)) return { url, leave: () => Promise.resolve() }
    throw new NoApi(`no GraphQL API answers at ${url}`)
  }
  if (data === undefined && (await answers(DEFAULT_URL))) {
    note(`using the system at ${DEFAULT_URL}`)
    return { url: DEFAULT_URL, leave: () => Promise.resolve() }
  }
  const temporary = data === undefined ? await mkdtemp(join(tmpdir(), 'counterfoil-demo-')) : undefined
  const remove = async () => {
    if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
  }
  const dataDir = data ?? temporary ?? '.'
  note(`starting a system of its own, data in ${dataDir}`)
  try {
    const system = await startSystem({ dataDir, env, note, signal })
    note(`ready in ${(system.startedIn / 1_000).toFixed(1)} s, API at ${system.addresses.graphql}`)
    return {
      url: system.addresses.graphql,
      whilePaymentsRest: async (work) => {
        await system.processes.kill('payments', 'SIGSTOP')
        try {
          return await work()
        } finally {
          await system.processes.kill('payments', 'SIGCONT')
        }
      },
      leave: async () => {
        await system.stop()
        await remove()
      },
    }
  } catch (fault) {
    await remove()
    throw fault
  }
}
