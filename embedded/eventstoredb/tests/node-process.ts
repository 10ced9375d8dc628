import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

import type { EventStoreDBClient } from '@eventstore/db-client'

import { connect } from './server.ts'

export const mainFile = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A node in a process of its own, as `npm run eventstoredb` starts it, and a client of it. */
export interface NodeProcess {
  readonly process: ChildProcess
  readonly client: EventStoreDBClient
}

export const spawnMain = (db: string, ...more: string[]): ChildProcess =>
  spawn(process.execPath, [mainFile, '--port', '0', '--db', db, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

export async function spawnNode(db: string, ...more: string[]): Promise<NodeProcess> {
  const child = spawnMain(db, ...more)
  let complaints = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const port = await new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The node ended with ${code}. ${complaints}`)))
    child.stdout?.once('data', (chunk: Buffer) => resolve(/:(\d+)$/mu.exec(chunk.toString())?.[1] ?? ''))
  })
  return { process: child, client: connect(`esdb://127.0.0.1:${port}?tls=false`) }
}

export async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}
