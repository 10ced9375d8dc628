import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import { EventStoreDBClient } from '@eventstore/db-client'

import { memoryOf, type Memory } from '../../../bench/memory.ts'
import { nodeFlags } from '../node-flags.ts'

export interface Server {
  readonly url: string
  readonly pid: number
  readonly startMs: number
  memory(): Memory
  stop(signal?: NodeJS.Signals): Promise<void>
}

export interface ServerOptions {
  readonly profile: string | undefined
}

const fileOf = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

export const startNode = (db: string, options: ServerOptions, ...more: string[]): Promise<Server> =>
  start([fileOf('../main.ts'), '--port', '0', '--db', db, ...more], options)

export const startNull = (options: ServerOptions): Promise<Server> =>
  start([fileOf('null-server.ts')], options)

async function start(args: readonly string[], { profile }: ServerOptions): Promise<Server> {
  const begun = performance.now()
  const profiling = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`]
  const child = spawn(process.execPath, [...nodeFlags, ...profiling, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const port = await portOf(child)
  const pid = child.pid ?? 0
  return {
    url: `esdb://127.0.0.1:${port}?tls=false`,
    pid,
    startMs: performance.now() - begun,
    memory: () => memoryOf(pid),
    stop: async (signal = 'SIGTERM') => {
      const exited = once(child, 'exit')
      child.kill(signal)
      await exited
    },
  }
}

export const clientOf = ({ url }: Server): EventStoreDBClient => EventStoreDBClient.connectionString(url)

function portOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = ''
    child.stdout?.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      const port = /listening on .*:(\d+)\n/u.exec(said)?.[1]
      if (port !== undefined) resolve(port)
    })
    child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it listened.`)))
  })
}
