import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { profiling } from './bench.ts'
import type { Run } from './bench.ts'
import { NODE_FLAGS } from '../start/plan.ts'

export interface ChildOptions {
  readonly env: Readonly<Record<string, string>>
  /** Seconds after which it is ended. */
  readonly within: number
  /** Takes what the child tells; what it throws ends the child. */
  readonly onMessage: (message: unknown) => void
}

export interface Child {
  readonly pid: number
  /** Rejects if the child fails, takes too long, or is no longer wanted. */
  readonly ended: Promise<void>
}

/** As `npm start` starts the services; and it ends when this process does. */
const FLAGS = [...NODE_FLAGS, '--import', join(import.meta.dirname, '../start/followParent.ts')]

/** Runs a script of this folder as a process of its own. */
export const startChild = (run: Run, script: string, { env, within, onMessage }: ChildOptions): Child => {
  const tooLong = AbortSignal.timeout(within * 1_000)
  const unusable = new AbortController()
  const child = fork(join(import.meta.dirname, script), {
    execArgv: [...profiling(run), ...FLAGS],
    env: { ...process.env, ...env },
    signal: AbortSignal.any([run.signal, tooLong, unusable.signal]),
    serialization: 'advanced',
  })
  child.on('message', (message) => {
    try {
      onMessage(message)
    } catch (fault) {
      unusable.abort(fault)
    }
  })
  const end = async () => {
    try {
      // Everything that it told has been taken by then.
      await once(child, 'close')
    } catch (fault) {
      if (tooLong.aborted) throw new Error(`${script} took more than ${within} s`, { cause: fault })
      throw fault
    }
    if (child.exitCode !== 0) throw new Error(`${script} ended with ${child.exitCode ?? child.signalCode}`)
  }
  return { pid: child.pid ?? 0, ended: end() }
}
