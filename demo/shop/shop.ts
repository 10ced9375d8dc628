import { httpClient } from '../../client/http.ts'
import { shop } from '../../client/shop.ts'
import type { Shop, Stock } from '../../client/shop.ts'
import { announcedInOrder, balancesChain, depositsAreThere, moneyIsKept, sumsOf } from '../audit.ts'
import type { Finding } from '../audit.ts'
import { readBook } from '../books.ts'
import type { Book } from '../books.ts'
import { crowd } from '../crowd.ts'
import type { Options } from '../options.ts'
import { patiently } from '../patience.ts'
import { prepare } from '../perform.ts'
import { showProgress } from '../progress.ts'
import { reportOf } from '../report.ts'
import type { Venue } from '../stage.ts'
import { startTally } from '../tally.ts'
import { nothingIsKept, readsAsAnnounced, stockAddsUp, walletsAgree } from './audit.ts'
import type { Reading } from './audit.ts'
import { deliver, goShopping } from './perform.ts'
import { shopPlan } from './plan.ts'

/** `npm run demo -- --shop`: a day in the shop, and whether books and shelves are right after it. */
export const shopDemo = async (options: Options, { url, whilePaymentsRest }: Venue): Promise<boolean> => {
  const { orders, concurrency, seed } = options
  const client = httpClient(url, concurrency)
  const api = shop(client)
  try {
    const plan = shopPlan(
      seed,
      orders,
      await api.products(crypto.randomUUID()),
      whilePaymentsRest !== undefined,
    )
    const { people, visits, admin } = plan
    const left = visits.filter(({ plan }) => plan === 'LEAVE')
    console.log(
      `${people.length} people, ${orders} visits to the shop, ${concurrency} at a time; seed ${seed}`,
    )
    const preparing = startTally(orders)
    const stocked = { client, url, plan, concurrency, tally: preparing }
    const before = await stocksOf(api, plan.admin, skusOf(plan.deliveries), undefined)
    await deliver(stocked)
    await prepare({ client, url, cast: people, concurrency, tally: preparing })

    const tally = startTally(orders)
    const stage = { client, url, plan, concurrency, tally }
    const stopShowing = showProgress(tally, process.stdout)
    const bought = [
      ...(await goShopping(
        stage,
        visits.filter(({ plan }) => plan !== 'LEAVE'),
      ).catch(stopping(stopShowing))),
    ]
    if (whilePaymentsRest && left.length > 0)
      bought.push(...(await whilePaymentsRest(() => goShopping(stage, left)).catch(stopping(stopShowing))))
    stopShowing()
    const seconds = tally.elapsed() / 1_000

    const onFault = () => tally.faults++
    const quiet = await settled(api, admin, skusOf(plan.deliveries), before)
    const readings: Reading[] = []
    await crowd(bought, concurrency, async (each) => {
      const token = each.refunded?.consistencyToken ?? each.last.consistencyToken
      const order = await patiently(() => api.order(each.visit.customer, each.id, token), onFault)
      readings.push({ bought: each, order })
    })
    const books: Book[] = []
    await crowd(people, concurrency, async (person) => {
      books.push(await readBook({ client, onFault }, person, undefined))
    })
    const sums = sumsOf(books)
    const findings: readonly Finding[] = [
      readsAsAnnounced(readings),
      announcedInOrder(bought),
      walletsAgree(readings, books),
      depositsAreThere(books),
      balancesChain(books),
      moneyIsKept(sums),
      stockAddsUp(quiet),
      nothingIsKept(readings, before, quiet),
    ]
    console.log(reportOf(tally, seconds, sums, findings))
    return findings.every(({ breaches }) => breaches.length === 0)
  } finally {
    await client.close()
  }
}

const skusOf = (deliveries: readonly { readonly sku: string }[]) => [
  ...new Set(deliveries.map(({ sku }) => sku)),
]

const stocksOf = async (api: Shop, admin: string, skus: readonly string[], token: string | undefined) => {
  const stocks: Stock[] = []
  for (const sku of skus) {
    const stock = await patiently(
      () => api.stock(admin, sku, token),
      () => undefined,
    )
    if (stock) stocks.push(stock)
  }
  return stocks
}

/** Shelves are settled a moment after the orders have ended; what never comes to rest is shown as it is. */
const settled = async (api: Shop, admin: string, skus: readonly string[], before: readonly Stock[]) => {
  const deadline = performance.now() + 30_000
  const kept = new Map(before.map(({ sku, total }) => [sku, total.reserved]))
  for (;;) {
    const stocks = await stocksOf(api, admin, skus, undefined)
    const rests = stocks.every(({ sku, total }) => total.reserved === (kept.get(sku) ?? 0))
    if (rests || performance.now() > deadline) return stocks
  }
}

const stopping =
  (stop: () => void) =>
  (fault: unknown): never => {
    stop()
    throw fault
  }
