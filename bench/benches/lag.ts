import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { System } from '../../start/system.ts'
import { pidsOf, withSystem } from '../bench.ts'
import type { Bench, Run } from '../bench.ts'
import { cpuShares } from '../cpu.ts'
import { followLag } from '../followLag.ts'
import { latencies } from '../latencies.ts'
import { load } from '../load.ts'
import { paced } from '../pace.ts'
import { byProcess, figure } from '../report.ts'
import { stand } from '../stand.ts'
import type { Stand } from '../stand.ts'

const CLIENTS = 64
/** Orders under way at the most: that many say that the rate is above what the system can do. */
const MAX_UNDER_WAY = 2_000
/** Beside the read models: an order from when it was due until its PAID can be read. */
const ORDER = 'order, from due to PAID'
const PRICE = { amount: 1_999, currency: 'EUR' }

/** How old the newest event of a read model is when it can be read, while orders keep coming at a fixed rate. */
export const lag: Bench = {
  about: 'from an event recorded to readable, by read model, at a fixed rate of orders',
  run: async (run) => {
    const { options, report } = run
    const sheet = report.sheet(
      'lag',
      'read model',
      'events',
      'p50 ms',
      'p99 ms',
      'max ms',
      'CPU, % of a core',
    )
    await withSystem(run, {}, async (system) => {
      const clients = options.clients?.[0] ?? CLIENTS
      const stage = await stand(system, { wallets: options.wallets[0] ?? 1, clients, watch: false })
      const rate = options.rate ?? (await half(run, system, stage, clients))
      const { measured, completed, cpu } = await measure(run, system, stage, rate)
      for (const [model, times] of [...measured, [ORDER, completed] as const])
        sheet.row(
          {
            model,
            rate,
            events: times.count(),
            p50: times.percentile(50),
            p99: times.percentile(99),
            max: times.max(),
            cpu,
          },
          `${model}, ${figure(rate)} orders/s`,
          figure(times.count()),
          ...[times.percentile(50), times.percentile(99), times.max()].map((ms) => figure(ms, 1)),
          model === ORDER ? byProcess(cpu) : '',
        )
      await stage.close()
    })
  },
}

/** Half of the orders a second that the system completes when so many clients order one after another. */
const half = async ({ options, report }: Run, system: System, stage: Stand, clients: number) => {
  const [most] = await load({
    stand: stage,
    clients,
    warmUpSeconds: options['warm-up'],
    seconds: options.seconds,
    runs: 1,
    pids: pidsOf(system),
  })
  if (!most || most.completedPerSecond < 2) throw new Error('the system completes no orders')
  report.note(`${figure(most.completedPerSecond)} orders/s at the most with ${clients} clients`)
  return Math.round(most.completedPerSecond / 2)
}

/** Places orders at a fixed rate, whatever becomes of the earlier ones. */
const measure = async ({ options }: Run, system: System, stage: Stand, rate: number) => {
  const { api, events, readModels, completions, users } = stage
  const leaving = new AbortController()
  const following = followLag({ client: events, readModels, signal: leaving.signal })
  const completed = { times: latencies() }
  const order = async (due: number, turn: number) => {
    const { times } = completed
    const user = users[turn % users.length] ?? ''
    const answer = await api.placeOrder(user, {
      price: PRICE,
      description: 'benchmark',
      idempotencyKey: randomUUID(),
    })
    if (answer.__typename !== 'Order') throw new Error(answer.message)
    await completions.of(answer.id)
    times.add(performance.now() - due)
  }
  const warmUp = options['warm-up']
  const pace = { rate, seconds: warmUp + options.seconds, maxUnderWay: MAX_UNDER_WAY }
  const ordering = paced(pace, order)
  const failing = Promise.race([ordering, following.ended])
  await Promise.race([failing, delay(warmUp * 1_000)])
  following.begin()
  completed.times = latencies()
  const cpu = cpuShares(pidsOf(system))
  await failing
  const shares = cpu.share()
  leaving.abort()
  await following.ended
  return { measured: following.measured(), completed: completed.times, cpu: shares }
}
