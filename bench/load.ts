import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { cpuShares } from './cpu.ts'
import { latencies } from './latencies.ts'
import type { Stand } from './stand.ts'

export interface LoadResult {
  readonly acceptedPerSecond: number
  readonly completedPerSecond: number
  /** Milliseconds from the mutation's start until PAID is readable. */
  readonly p50: number
  readonly p99: number
  /** Percent of one core, by process. */
  readonly cpu: Readonly<Record<string, number>>
}

export interface LoadOptions {
  readonly stand: Stand
  readonly clients: number
  readonly warmUpSeconds: number
  readonly seconds: number
  readonly runs: number
  /** Process ids by name, whose use of the processor is measured. */
  readonly pids: Readonly<Record<string, number>>
}

/** Every so many completed orders, one is asked for, as a customer would. */
const CHECKED = 500

const PRICE = { amount: 1_999, currency: 'EUR' }

/**
 * Closed loop: each client places an order, waits until it is completed, and places the next one; warm-up
 * first, then `runs` measured stretches. Throws if any order is refused or fails.
 */
export const load = async ({
  stand,
  clients,
  warmUpSeconds,
  seconds,
  runs,
  pids,
}: LoadOptions): Promise<readonly LoadResult[]> => {
  const running = new AbortController()
  let turn = 0
  let window = open()

  const check = async (user: string, id: string) => {
    const status = await stand.api.orderStatus(user, id)
    if (status !== 'PAID') throw new Error(`order ${id} was completed, and reads ${status}`)
  }
  const client = async () => {
    while (!running.signal.aborted) {
      const user = stand.users[turn++ % stand.users.length] ?? ''
      const begun = performance.now()
      const answer = await stand.api.placeOrder(user, {
        price: PRICE,
        description: 'benchmark',
        idempotencyKey: randomUUID(),
      })
      if (answer.__typename !== 'Order') throw new Error(answer.message)
      window.accepted++
      await stand.completions.of(answer.id)
      if (window.completed % CHECKED === 0) await check(user, answer.id)
      window.completed++
      window.latencies.add(performance.now() - begun)
    }
  }

  const failed = Promise.withResolvers<never>()
  const working = Promise.all(Array.from({ length: clients }, client))
  working.catch(failed.reject)
  const pass = (ms: number) => Promise.race([failed.promise, delay(ms)])
  const results: LoadResult[] = []
  await pass(warmUpSeconds * 1_000)
  for (let run = 0; run < runs; run++) {
    window = open()
    const cpu = cpuShares(pids)
    const begun = performance.now()
    await pass(seconds * 1_000)
    const elapsed = (performance.now() - begun) / 1_000
    results.push({
      acceptedPerSecond: window.accepted / elapsed,
      completedPerSecond: window.completed / elapsed,
      p50: window.latencies.percentile(50),
      p99: window.latencies.percentile(99),
      cpu: cpu.share(),
    })
  }
  running.abort()
  await working
  return results
}

const open = () => ({ accepted: 0, completed: 0, latencies: latencies() })
