import { z } from 'zod'
import { UserId } from '../domain/ids.ts'
import type { System } from '../start/system.ts'
import type { Run } from './bench.ts'
import { startChild } from './child.ts'
import type { FillOptions } from './fill/fill.ts'
import { figure, noting } from './report.ts'

const Customer = z.object({ id: UserId, kind: z.string(), orders: z.int() })
export type Customer = z.infer<typeof Customer>

const Filled = z.object({
  events: z.int(),
  orders: z.int(),
  failed: z.int(),
  position: z.bigint(),
  regulars: z.array(Customer),
  occasional: z.array(Customer),
})
/** What a log was filled with. */
export type Filled = z.infer<typeof Filled>

const Told = z.union([z.object({ events: z.int() }), z.object({ filled: Filled })])

/** Processes that fill at the same time, each with its own customers: the client is what takes longest. */
const FILLERS = 2
/** Who fills fewer events a second than this is given up. */
const SLOWEST = 500
const LEAST_SECONDS = 60
const EVENTS_OF_AN_ORDER = 5

/**
 * A filled log is meant for who reads it: the event store's projections, which would link every event for minutes,
 * are left out.
 */
export const FILLED = { EVENTSTORE_PROJECTIONS: 'off' } as const

/** Fills the log of a system, whose services should not be running; always with the same customers and orders. */
export const filling = async (run: Run, system: System, until: FillOptions['until']): Promise<Filled> => {
  const begun = performance.now()
  const [orders, events] = 'orders' in until ? [until.orders, 0] : [0, until.events]
  const within = Math.round(LEAST_SECONDS + (events + orders * EVENTS_OF_AN_ORDER) / SLOWEST)
  const sofar = Array.from({ length: FILLERS }, () => 0)
  const part = async (seed: number): Promise<Filled> => {
    let filled: Filled | undefined
    const share = (whole: number) => String(Math.floor((whole + seed) / FILLERS))
    const { ended } = startChild(run, 'fillProcess.ts', {
      env: {
        EVENTSTORE_URL: system.addresses.eventstore,
        SEED: String(seed),
        ORDERS: share(orders),
        EVENTS: share(events),
      },
      within,
      onMessage: (message) => {
        const told = Told.parse(message)
        if ('filled' in told) filled = told.filled
        else sofar[seed] = told.events
      },
    })
    await ended
    if (!filled) throw new Error('a filler has ended, and did not say with what')
    return filled
  }
  const far = () => `${figure(sofar.reduce((sum, events) => sum + events, 0))} events filled`
  const parts = await noting(run.report, far, Promise.all(sofar.map((_, seed) => part(seed))))

  const filled = parts.reduce(together)
  const seconds = (performance.now() - begun) / 1_000
  run.report
    .sheet('fill', 'filled', 'events', 'orders', 'of them failed', 'events/s')
    .row(
      { ...until, seconds, events: filled.events, orders: filled.orders, failed: filled.failed },
      `within ${figure(seconds)} s`,
      figure(filled.events),
      figure(filled.orders),
      figure(filled.failed),
      figure(filled.events / seconds),
    )
  return filled
}

const together = (a: Filled, b: Filled): Filled => ({
  events: a.events + b.events,
  orders: a.orders + b.orders,
  failed: a.failed + b.failed,
  position: a.position > b.position ? a.position : b.position,
  regulars: [...a.regulars, ...b.regulars],
  occasional: [...a.occasional, ...b.occasional],
})
