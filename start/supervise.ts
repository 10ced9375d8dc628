import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from '../eventstore/deadline.ts'
import { backoff } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import { openLogFile } from './logFile.ts'
import { readable } from './readable.ts'
import { withoutRepeats } from './repeats.ts'

/** A process to keep running. */
export interface ProcessSpec {
  readonly name: string
  /** Arguments of Node: flags, the script, its arguments. */
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly logFile: string
}

export interface SuperviseOptions {
  /** Told of warnings and errors, deaths and restarts, in a line for people. */
  readonly note: (line: string) => void
  /** Told of every change of the pid. */
  readonly onSpawn: () => void
  /** The process keeps dying, and will not be started again. */
  readonly onGivingUp: (why: Error) => void
}

export interface Supervised {
  readonly name: string
  readonly pid: () => number | undefined
  /** Resolves when the process has written a line that contains the text. */
  readonly said: (text: string) => Promise<void>
  /** Sends a signal; if it is one that ends a process, waits for its end. It is then started again. */
  readonly kill: (signal: NodeJS.Signals) => Promise<void>
  /** Ends the process for good: SIGTERM (or what is given), and SIGKILL after a deadline. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

/** A process died so often that it is not started again. */
export class KeepsDying extends Error {
  override readonly name = 'KeepsDying'
}

const RESTART: RetryPolicy = { tries: Infinity, firstDelay: 100, maxDelay: 5_000 }
/** That many deaths within that many milliseconds are too many. */
const TOO_MANY = 5
const TOO_OFTEN = 60_000
const STOP_DEADLINE = 12_000
const WORDS_KEPT = 20
const passing: ReadonlySet<NodeJS.Signals> = new Set(['SIGSTOP', 'SIGCONT', 'SIGUSR1', 'SIGUSR2'])

interface Running {
  readonly child: ChildProcess
  readonly gone: Promise<void>
}

/** Starts a process, and starts it again whenever it dies, with backoff, until it is stopped or dies too often. */
export const supervise = (spec: ProcessSpec, { note, onSpawn, onGivingUp }: SuperviseOptions): Supervised => {
  const log = openLogFile(spec.logFile)
  const unrepeated = withoutRepeats(() => performance.now())
  const stopping = new AbortController()
  const awaited = new Set<{ readonly text: string; readonly resolve: () => void }>()
  let deaths: readonly number[] = []
  let words: readonly string[] = []
  let expected = false
  let running: Running

  const hear = (line: string) => {
    log.write(line)
    for (const wish of awaited) if (line.includes(wish.text)) wish.resolve()
    const shown = readable(line)
    if (shown === undefined || [...awaited].some(({ text }) => line.includes(text))) return
    words = [...words.slice(-WORDS_KEPT), shown]
    const told = unrepeated(shown)
    if (told !== undefined) note(`${spec.name.padEnd(13)}| ${told}`)
  }

  const start = (): Running => {
    words = []
    const child = spawn(process.execPath, spec.args, {
      cwd: spec.cwd,
      env: spec.env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A group of its own: Ctrl-C reaches us alone, and we stop everything in order.
      detached: true,
    })
    for (const output of [child.stdout, child.stderr])
      if (output) createInterface({ input: output }).on('line', hear)
    const { promise, resolve } = Promise.withResolvers<void>()
    child.once('close', (code, signal) => {
      resolve()
      if (!stopping.signal.aborted) void died(code === null ? `by ${signal}` : `with exit code ${code}`)
    })
    child.once('error', (fault) => {
      hear(fault.message)
      resolve()
    })
    return { child, gone: promise }
  }

  const died = async (how: string) => {
    const wanted = expected
    expected = false
    if (!wanted) {
      deaths = [...deaths.filter((at) => at > Date.now() - TOO_OFTEN), Date.now()]
      if (deaths.length >= TOO_MANY)
        return onGivingUp(
          new KeepsDying(
            `${spec.name} ended ${how}, ${deaths.length} times within a minute (see ${log.path}): ${lastWords(words)}`,
          ),
        )
    }
    note(`${spec.name} ended ${how}; starting it again`)
    await delay(wanted ? 0 : backoff(deaths.length, RESTART), undefined, { signal: stopping.signal }).catch(
      () => undefined,
    )
    if (stopping.signal.aborted) return
    running = start()
    onSpawn()
  }

  const pid = () =>
    running.child.exitCode === null && running.child.signalCode === null ? running.child.pid : undefined

  running = start()
  return {
    name: spec.name,
    pid,
    said: (text) => {
      const { promise, resolve } = Promise.withResolvers<void>()
      const wish = { text, resolve }
      awaited.add(wish)
      return promise.finally(() => awaited.delete(wish))
    },
    kill: async (signal) => {
      const { child, gone } = running
      const ends = !passing.has(signal)
      expected ||= ends && pid() !== undefined
      child.kill(signal)
      if (ends) await gone
    },
    stop: async (signal = 'SIGTERM') => {
      stopping.abort()
      const { child, gone } = running
      child.kill(signal)
      try {
        await within(STOP_DEADLINE, `stopping ${spec.name}`, gone)
      } catch {
        note(`${spec.name} did not stop within ${STOP_DEADLINE / 1_000} s; killing it`)
        child.kill('SIGKILL')
        await gone
      }
      log.close()
    },
  }
}

/** What a process had to say for itself: its error, or else all of it. */
const lastWords = (words: readonly string[]): string =>
  words.find((line) => /Error\b.*: /.test(line)) ?? words.join('\n')
