import { setTimeout as delay } from 'node:timers/promises'
import { cpuShares } from './cpu.ts'
import { latencies } from './latencies.ts'
import type { Latencies } from './latencies.ts'

export interface ClosedLoop {
  readonly clients: number
  readonly warmUpSeconds: number
  readonly seconds: number
  /** Process ids by name, whose use of the processor is measured. */
  readonly pids: Readonly<Record<string, number>>
}

export interface Looped {
  readonly perSecond: number
  readonly times: Latencies
  /** Percent of one core, by process. */
  readonly cpu: Readonly<Record<string, number>>
}

/** Each client works again as soon as it has done so; warm-up first, then one measured stretch. Throws what work throws. */
export const closedLoop = async (
  { clients, warmUpSeconds, seconds, pids }: ClosedLoop,
  work: () => Promise<void>,
): Promise<Looped> => {
  const running = new AbortController()
  let times = latencies()
  const client = async () => {
    while (!running.signal.aborted) {
      const begun = performance.now()
      await work()
      times.add(performance.now() - begun)
    }
  }
  const working = Promise.all(Array.from({ length: clients }, client))
  await Promise.race([working, delay(warmUpSeconds * 1_000)])
  const measured = latencies()
  times = measured
  const cpu = cpuShares(pids)
  const begun = performance.now()
  await Promise.race([working, delay(seconds * 1_000)])
  const perSecond = measured.count() / ((performance.now() - begun) / 1_000)
  const shares = cpu.share()
  times = latencies()
  running.abort()
  await working
  return { perSecond, times: measured, cpu: shares }
}
