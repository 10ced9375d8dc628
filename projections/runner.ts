import { isPassing } from '../eventstore/faults.ts'
import { retrying } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import { leading } from '../service/lease.ts'
import { lead } from './lead.ts'
import type { LeadOptions } from './lead.ts'
import { passesByItself, Superseded } from './write.ts'

export interface RunnerOptions extends Omit<LeadOptions, 'patiently'> {
  readonly signal: AbortSignal
}

/** Servers may be away for long: wait for them, and skip nothing. */
const WAITING: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 2_000 }

/**
 * Keeps the read models up with the log until the signal is aborted. Of several processes that do so on one
 * database one folds and the others stand by: the next one takes over a few seconds after the first is gone.
 */
export const runProjections = (options: RunnerOptions): Promise<void> => {
  const { db, signal, observer, newId } = options
  const lease = {
    db,
    name: 'projections',
    holder: newId(),
    clock: () => performance.now(),
    signal,
    onFault: (fault: unknown) => observer.retried(fault),
    leads: (so: boolean) => observer.leads?.(so),
    givesWay: (fault: unknown) => fault instanceof Superseded,
  }
  return leading(lease, (works) => {
    const passing = (fault: unknown) => {
      const passes = !works.signal.aborted && (passesByItself(fault) || isPassing(fault))
      if (passes) observer.retried(fault)
      return passes
    }
    works.run(() =>
      lead({ ...options, patiently: (work) => retrying(WAITING, passing, work, works.signal) }, works),
    )
  })
}
