import { isPassing } from '../eventstore/faults.ts'
import { nursery } from '../eventstore/nursery.ts'
import { retrying } from '../eventstore/retry.ts'
import type { RetryPolicy } from '../eventstore/retry.ts'
import { lead } from './lead.ts'
import type { LeadOptions } from './lead.ts'
import { giveLeaseBack, keepLease, takeLease } from './lease.ts'
import type { LeaseOptions } from './lease.ts'
import { passesByItself, Superseded } from './write.ts'

export interface RunnerOptions extends Omit<LeadOptions, 'patiently'> {
  readonly signal: AbortSignal
}

/** Servers may be away for long: wait for them, and skip nothing. */
const WAITING: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 2_000 }

/** Somebody else may be folding by now. */
class LeaseLost extends Error {
  override readonly name = 'LeaseLost'
}

/**
 * Keeps the read models up with the log until the signal is aborted. Of several processes that do so on one
 * database one folds and the others stand by: the next one takes over a few seconds after the first is gone.
 */
export const runProjections = async (options: RunnerOptions): Promise<void> => {
  const { db, signal, observer, newId } = options
  const onFault = (fault: unknown) => observer.retried(fault)
  const lease = { db, holder: newId(), clock: () => performance.now(), onFault }
  while (!signal.aborted) {
    try {
      await takeLease({ ...lease, signal })
    } catch (fault) {
      if (signal.aborted) return
      throw fault
    }
    observer.leads?.(true)
    try {
      await leading(options, lease)
    } catch (fault) {
      if (!(fault instanceof LeaseLost || fault instanceof Superseded)) throw fault
      observer.retried(fault)
    } finally {
      await giveLeaseBack(lease)
      observer.leads?.(false)
    }
  }
}

/** Folds for as long as the lease is ours. */
const leading = (options: RunnerOptions, lease: Omit<LeaseOptions, 'signal'>): Promise<void> => {
  const { observer } = options
  const works = nursery(options.signal)
  const { signal } = works
  const passing = (fault: unknown) => {
    const passes = !signal.aborted && (passesByItself(fault) || isPassing(fault))
    if (passes) observer.retried(fault)
    return passes
  }
  works.run(async () => {
    await keepLease({ ...lease, signal })
    if (!signal.aborted) throw new LeaseLost('another process may have taken the lease of the read models')
  })
  works.run(() => lead({ ...options, patiently: (work) => retrying(WAITING, passing, work, signal) }, works))
  return works.ended()
}
