import { jsonEvent, NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { eventStoreClient } from '../../service/clients.ts'
import { pidsOf, withSystem } from '../bench.ts'
import type { Bench } from '../bench.ts'
import { closedLoop } from '../closedLoop.ts'
import { byProcess, figure } from '../report.ts'

const IN_FLIGHT = [1, 64, 256]
const WARM_UP_SECONDS = 2

/** How many events a second the event store takes, beside idle services. */
export const appends: Bench = {
  about: 'appends of one event to the event store, each to a new stream',
  run: async (run) => {
    const { options, report } = run
    const sheet = report.sheet('appends', 'appends', 'a second', 'CPU, % of a core')
    await withSystem(run, {}, async (system) => {
      const client = eventStoreClient(system.addresses.eventstore, 'bench')
      const append = async () => {
        const event = jsonEvent({ type: 'BenchmarkAppended', data: { amount: 1_999, orderId: randomUUID() } })
        await client.appendToStream(`bench-${randomUUID()}`, event, { expectedRevision: NO_STREAM })
      }
      for (const inFlight of options.clients ?? IN_FLIGHT) {
        const loop = {
          clients: inFlight,
          warmUpSeconds: WARM_UP_SECONDS,
          seconds: options.seconds,
          pids: pidsOf(system),
        }
        const { perSecond, cpu } = await closedLoop(loop, append)
        sheet.row(
          { inFlight, appendsPerSecond: perSecond, cpu },
          `${inFlight} in flight`,
          figure(perSecond),
          byProcess(cpu),
        )
      }
      await client.dispose()
    })
  },
}
