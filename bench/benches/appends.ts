import { jsonEvent, NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { eventStoreClient } from '../../service/clients.ts'
import type { System } from '../../start/system.ts'
import { pidsOf, withSystem } from '../bench.ts'
import type { Bench } from '../bench.ts'
import { cpuShares } from '../cpu.ts'
import { byProcess, figure } from '../report.ts'

const IN_FLIGHT = [1, 64, 256]
const WARM_UP = 2_000

/** How many events a second the event store takes, beside idle services. */
export const appends: Bench = {
  about: 'appends of one event to the event store, each to a new stream',
  run: async (run) => {
    const { options, report } = run
    const sheet = report.sheet('appends', 'appends', 'a second', 'CPU, % of a core')
    await withSystem(run, {}, async (system) => {
      for (const inFlight of options.clients ?? IN_FLIGHT) {
        const result = await measure(system, inFlight, options.seconds)
        sheet.row(
          { inFlight, ...result },
          `${inFlight} in flight`,
          figure(result.appendsPerSecond),
          byProcess(result.cpu),
        )
      }
    })
  },
}

/** Appends through the official client, so many at a time. */
const measure = async (system: System, inFlight: number, seconds: number) => {
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
  await Promise.race([working, delay(WARM_UP)])
  const cpu = cpuShares(pidsOf(system))
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
