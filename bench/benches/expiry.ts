import { END } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { codecOf } from '../../eventstore/codec.ts'
import { ensureGroup } from '../../eventstore/reaction.ts'
import { orderEvents } from '../../orders/events.ts'
import { eventStoreClient } from '../../service/clients.ts'
import type { System } from '../../start/system.ts'
import { pidsOf, withDirectory, withSystem } from '../bench.ts'
import type { Bench, Run } from '../bench.ts'
import { followOrders } from '../completions.ts'
import type { Completions } from '../completions.ts'
import { cpuShares } from '../cpu.ts'
import { fillDueOrders } from '../fill/dueOrders.ts'
import { FILLED } from '../filling.ts'
import { latencies } from '../latencies.ts'
import { paced } from '../pace.ts'
import { byProcess, figure } from '../report.ts'
import { stand } from '../stand.ts'
import type { Stand } from '../stand.ts'

const RATE = 100
/** New orders under way at the most: that many say that the rate is above what the system can do. */
const MAX_UNDER_WAY = 2_000
const PRICE = { amount: 1_999, currency: 'EUR' }
/** Seconds from the filling to the load, within which services start and read models are folded; and more per order. */
const PREPARATION = 25
const PREPARATION_EACH = 0.002
/** Seconds within which all of them have to expire; and more per order. */
const PATIENCE = 30
const PATIENCE_EACH = 0.01

const { OrderCancelled, OrderStockSettled } = orderEvents
type Due = Awaited<ReturnType<typeof fillDueOrders>>

/** How long it takes until many orders with one deadline are cancelled, and what that means for new ones. */
export const expiry: Bench = {
  about: 'many orders that expire at the same moment, and new ones on their way to PAID meanwhile',
  run: (run) =>
    withDirectory(async (dataDir) => {
      const { due: orders, 'warm-up': warmUp, seconds } = run.options
      const ahead = PREPARATION + PREPARATION_EACH * orders + warmUp + seconds
      const payBy = new Date(Date.now() + ahead * 1_000)
      const due = await withSystem(run, { dataDir, services: [], env: FILLED }, (system) =>
        filled(system, orders, payBy),
      )
      run.report.note(`${figure(orders)} orders wait for their payment`)
      await withSystem(run, { dataDir, env: FILLED }, (system) => measure(run, system, due, payBy))
    }),
}

/** Fills the log; the groups that react to orders begin after that, as if they had done what they had to. */
const filled = async (system: System, orders: number, payBy: Date): Promise<Due> => {
  const client = eventStoreClient(system.addresses.eventstore, 'fill')
  const now = () => new Date()
  const due = await fillDueOrders({ client, orders, payBy, now, newId: randomUUID })
  await ensureGroup('payments-charge-orders', ['OrderPlaced', 'OrderReserved'], client, END)
  await ensureGroup('orders-process', ['OrderPlaced', 'OrderCancelled'], client, END)
  await client.dispose()
  return due
}

const measure = async (run: Run, system: System, due: Due, payBy: Date) => {
  const { options, report } = run
  const { seconds, 'warm-up': warmUp, rate = RATE } = options
  const stage = await stand(system, {
    wallets: options.wallets[0] ?? 1,
    clients: MAX_UNDER_WAY,
    watch: false,
  })
  await stage.readModels.reached(due.position, PREPARATION * 1_000, 'orders')
  const deadline = performance.now() + (payBy.getTime() - Date.now())
  const begin = deadline - (warmUp + seconds) * 1_000
  if (performance.now() > begin) throw new Error('the orders were due before all was prepared')
  await delay(begin - performance.now())

  const leaving = new AbortController()
  const over = new AbortController()
  const [before, during] = [latencies(), latencies()]
  const order = orderingFrom(stage, (due, ms) => {
    if (due >= deadline) during.add(ms)
    else if (due >= begin + warmUp * 1_000) before.add(ms)
  })
  const patience = PATIENCE + PATIENCE_EACH * due.orderIds.length
  const pace = { rate, seconds: warmUp + seconds + patience, maxUnderWay: MAX_UNDER_WAY, until: over.signal }
  const expired = followExpiry(stage, due, leaving.signal)
  const ordering = paced(pace, order)
  await Promise.race([ordering, expired, delay(deadline - performance.now())])
  const cpu = cpuShares(pidsOf(system))
  const { cancelled, settled } = await Promise.race([expired, tooLong(ordering, patience)])
  const shares = cpu.share()
  over.abort()
  await ordering
  if (performance.now() < deadline) throw new Error('orders expired before their deadline')
  leaving.abort()
  await stage.close()

  const row = {
    due: due.orderIds.length,
    rate,
    cancelledWithin: cancelled - deadline,
    settledWithin: settled - deadline,
    before: { count: before.count(), p50: before.percentile(50), p99: before.percentile(99) },
    during: { count: during.count(), p50: during.percentile(50), p99: during.percentile(99) },
    cpu: shares,
  }
  report
    .sheet(
      'expiry',
      'expiry',
      'cancelled s',
      'stock back s',
      'new before, p50 ms',
      'p99 ms',
      'meanwhile, p50 ms',
      'p99 ms',
      'CPU, % of a core',
    )
    .row(
      row,
      `${figure(row.due)} due, ${figure(rate)} new orders/s`,
      ...[row.cancelledWithin, row.settledWithin].map((ms) => figure(ms / 1_000, 1)),
      ...[row.before.p50, row.before.p99, row.during.p50, row.during.p99].map((ms) => figure(ms, 1)),
      byProcess(shares),
    )
}

/** New orders of people who can pay, and how long each took from when it was due until PAID can be read. */
const orderingFrom =
  ({ api, users, completions }: Stand, record: (due: number, ms: number) => void) =>
  async (due: number, turn: number): Promise<void> => {
    const answer = await api.placeOrder(users[turn % users.length] ?? '', {
      price: PRICE,
      description: 'benchmark',
      idempotencyKey: randomUUID(),
    })
    if (answer.__typename !== 'Order') throw new Error(answer.message)
    await completions.of(answer.id)
    record(due, performance.now() - due)
  }

/** When the last of them was cancelled, for its deadline and nothing else, and when the last had its stock back. */
const followExpiry = async ({ events: client }: Stand, { orderIds }: Due, signal: AbortSignal) => {
  const cancellations = await followOrders({
    client,
    codec: codecOf({ OrderCancelled }),
    outcome: ({ data: { by, orderId } }) =>
      by === 'DEADLINE' ? Promise.resolve() : Promise.reject(new Error(`${orderId} was cancelled by ${by}`)),
    signal,
  })
  const settlements = await followOrders({
    client,
    codec: codecOf({ OrderStockSettled }),
    outcome: () => Promise.resolve(),
    signal,
  })
  const all = async (completions: Completions) => {
    await Promise.all(orderIds.map((id) => completions.of(id)))
    return performance.now()
  }
  const [cancelled, settled] = await Promise.all([all(cancellations), all(settlements)])
  return { cancelled, settled }
}

const tooLong = async (ordering: Promise<void>, patience: number): Promise<never> => {
  await ordering
  throw new Error(`not all orders had expired after ${patience} s`)
}
