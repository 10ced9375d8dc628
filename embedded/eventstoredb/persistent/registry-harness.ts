import { vi } from 'vitest'

import type { ProposedEvent } from '../codec/recorded-event.ts'
import { AllReader } from '../log/all-reader.ts'
import { Expected } from '../log/commit-check.ts'
import { EventLog } from '../log/event-log.ts'
import { MemoryFiles } from '../log/files/memory-files.ts'
import { ownEvent } from '../log/own-events.ts'
import { StreamReader } from '../log/stream-reader.ts'
import { Consumer } from './group-harness.ts'
import { GroupRegistry } from './registry.ts'
import type { GroupConfig, GroupSettings } from './settings.ts'

/** For tests of groups on a log in memory, without a network, and with a clock that stands still. */
export class BreakableReader extends StreamReader {
  /** Streams that can't be read. */
  readonly broken = new Set<string>()

  override forward(stream: string, from: number, limit: number): ReturnType<StreamReader['forward']> {
    if (this.broken.has(stream)) throw new Error(`The log is damaged in ${stream}.`)
    return super.forward(stream, from, limit)
  }
}

export interface Bench {
  readonly log: EventLog
  readonly streams: BreakableReader
  readonly groups: GroupRegistry
  readonly reports: string[]
  readonly clock: { now: number }
  append(stream: string, ...types: string[]): Promise<void>
  appendJson(stream: string, json: string): Promise<void>
  /** Makes writes to some streams fail; returns what makes them work again. */
  failWritesTo(concerned: (stream: string) => boolean): () => void
  stop(): Promise<void>
}

export async function startBench(files = new MemoryFiles()): Promise<Bench> {
  const log = await EventLog.open(files)
  const streams = new BreakableReader(log)
  const clock = { now: 0 }
  const reports: string[] = []
  const groups = new GroupRegistry(
    { log, all: new AllReader(log), streams },
    { now: () => clock.now, report: (text) => reports.push(text) },
  )
  const write = (stream: string, events: readonly ProposedEvent[]): Promise<void> =>
    new Promise((resolve, reject) => {
      log.append({ stream, expected: Expected.any, events }, (result) => {
        if (result.kind === 'appended') resolve()
        else reject(new Error(result.kind))
      })
    })
  return {
    log,
    streams,
    groups,
    reports,
    clock,
    append: (stream, ...types) =>
      write(
        stream,
        types.map((type) => ownEvent(type, '{}')),
      ),
    appendJson: (stream, json) => write(stream, [ownEvent('$PersistentConfig', json)]),
    failWritesTo: (concerned) => {
      const append = log.append.bind(log)
      const spy = vi.spyOn(log, 'append').mockImplementation((write, done) => {
        if (concerned(write.stream)) done({ kind: 'failed', error: new Error('no space left') })
        else append(write, done)
      })
      return () => spy.mockRestore()
    },
    stop: async () => {
      groups.stop()
      await log.close()
    },
  }
}

export const defaults: GroupSettings = {
  startFrom: 'start',
  resolveLinks: false,
  extraStatistics: false,
  messageTimeoutMs: 30_000,
  maxRetryCount: 10,
  checkpointAfterMs: 0,
  minCheckpointCount: 1,
  maxCheckpointCount: 1,
  maxSubscribers: 0,
  liveBufferSize: 500,
  readBatchSize: 20,
  historyBufferSize: 500,
  strategy: 'RoundRobin',
}

export function configOf(stream: string, settings: Partial<GroupSettings> = {}): GroupConfig {
  return { stream, group: 'g', filter: undefined, settings: { ...defaults, ...settings } }
}

/** A client that is connected to a group of the bench. */
export function join({ groups }: Bench, config: GroupConfig, bufferSize = 10): Consumer {
  const client = new Consumer(bufferSize)
  groups.get(config)?.join(client)
  return client
}

/** Lets the log and the groups work until something holds. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  for (let turns = 0; !holds(); turns += 1) {
    if (turns > 100_000) throw new Error(`Waited in vain until ${what}.`)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
