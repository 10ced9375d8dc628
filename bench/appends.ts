import { jsonEvent, NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { eventStoreClient } from '../service/clients.ts'
import type { System } from '../start/system.ts'
import { cpuShares } from './cpu.ts'

export interface AppendResult {
  readonly appendsPerSecond: number
  readonly cpu: Readonly<Record<string, number>>
}

/** Appends of one event, each to a new stream, `inFlight` at a time, through the official client. */
export const appends = async (
  system: System,
  { inFlight, seconds, pids }: { inFlight: number; seconds: number; pids: Readonly<Record<string, number>> },
): Promise<AppendResult> => {
  const client = eventStoreClient(system.addresses.eventstore, 'bench')
  const running = new AbortController()
  let count = 0
  const appender = async () => {
    while (!running.signal.aborted) {
      const event = jsonEvent({ type: 'BenchmarkAppended', data: { amount: 1_999, orderId: randomUUID() } })
      await client.appendToStream(`bench-${randomUUID()}`, event, { expectedRevision: NO_STREAM })
      count++
    }
  }
  const working = Promise.all(Array.from({ length: inFlight }, appender))
  await Promise.race([working, delay(2_000)])
  const cpu = cpuShares(pids)
  const before = count
  const begun = performance.now()
  await Promise.race([working, delay(seconds * 1_000)])
  const appendsPerSecond = (count - before) / ((performance.now() - begun) / 1_000)
  const shares = cpu.share()
  running.abort()
  await working
  await client.dispose()
  return { appendsPerSecond, cpu: shares }
}
