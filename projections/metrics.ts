import { Counter, Gauge } from 'prom-client'
import type { Registry } from 'prom-client'
import type { Check } from '../service/checks.ts'
import type { Logger } from '../service/logger.ts'
import type { RunnerObserver } from './observer.ts'

export interface ProjectionMetricsOptions {
  readonly registry: Registry
  readonly log: Logger
  readonly now: () => Date
}

/** Seconds that the read models may be behind the log and still count as ready. */
const READY_LAG = 30

/** Measures the runner (events, position, lag) and says whether the read models are fit to be read. */
export const projectionMetrics = ({
  registry,
  log,
  now,
}: ProjectionMetricsOptions): { readonly observer: RunnerObserver; readonly checks: readonly Check[] } => {
  const registers = [registry]
  const events = new Counter({
    name: 'projection_events_total',
    help: 'Events read for the read models.',
    registers,
  })
  const retries = new Counter({
    name: 'projection_retries_total',
    help: 'Passing faults of EventStoreDB or MongoDB that were sat out.',
    registers,
  })
  const position = new Gauge({
    name: 'projection_position',
    help: 'Commit position up to which the read models are written.',
    registers,
  })
  const lagSeconds = new Gauge({
    name: 'projection_lag_seconds',
    help: 'Age of the newest event of the last batch when the batch was written.',
    registers,
  })
  const leading = new Gauge({
    name: 'projection_leads',
    help: '1 where this process folds, 0 where it stands by.',
    registers,
  })
  const stopped = new Map<string, string>()
  let lag = 0

  return {
    observer: {
      wrote: (count, reached, newest) => {
        events.inc(count)
        position.set(Number(reached))
        if (newest) lag = (now().getTime() - newest.getTime()) / 1_000
        lagSeconds.set(lag)
      },
      retried: (fault) => {
        retries.inc()
        log.warn({ err: fault }, 'the read models wait for a server')
      },
      stopped: (projection, fault) => {
        stopped.set(projection, fault instanceof Error ? fault.message : String(fault))
        log.error({ err: fault, projection }, 'a projection has stopped')
      },
      resumed: (projection) => {
        if (stopped.delete(projection)) log.info({ projection }, 'a projection goes on')
      },
      leads: (leads) => {
        leading.set(leads ? 1 : 0)
        // What stopped here is for the next one to say.
        if (!leads) stopped.clear()
        lag = 0
        log.info(leads ? 'folding the read models' : 'standing by')
      },
    },
    checks: [
      { name: 'caught-up', run: () => holds(lag < READY_LAG, `${Math.round(lag)} s behind the log`) },
      {
        name: 'projections',
        run: () =>
          holds(
            stopped.size === 0,
            `stopped: ${[...stopped].map(([name, why]) => `${name} (${why})`).join(', ')}`,
          ),
      },
    ],
  }
}

const holds = (fine: boolean, otherwise: string): Promise<void> =>
  fine ? Promise.resolve() : Promise.reject(new Error(otherwise))
