import { httpClient } from '../client/http.ts'
import { DataDirectoryInUse } from '../start/lock.ts'
import {
  announcedInOrder,
  balancesChain,
  debitsArePaidOrders,
  depositsAreThere,
  moneyIsKept,
  placedOnce,
  sumsOf,
} from './audit.ts'
import type { Finding } from './audit.ts'
import { readBook, readOrder } from './books.ts'
import type { Book } from './books.ts'
import { castOf } from './cast.ts'
import { crowd } from './crowd.ts'
import { parseOptions, usage, WrongUsage } from './options.ts'
import type { Options } from './options.ts'
import { perform, prepare } from './perform.ts'
import { showProgress } from './progress.ts'
import { reportOf } from './report.ts'
import { shopDemo } from './shop/shop.ts'
import { findVenue, NoApi } from './stage.ts'
import { startTally } from './tally.ts'

/** `npm run demo`: the main job from end to end, and whether the books are right after it. */
const demo = async (options: Options, url: string): Promise<boolean> => {
  const { orders, concurrency, seed } = options
  const cast = castOf(seed, orders)
  const client = httpClient(url, concurrency)
  try {
    console.log(`${cast.length} people, ${orders} orders, ${concurrency} at a time; seed ${seed}`)
    const stage = { client, url, cast, concurrency }
    await prepare({ ...stage, tally: startTally(orders) })
    const tally = startTally(orders)
    const stopShowing = showProgress(tally, process.stdout)
    const performed = await perform({ ...stage, tally }).finally(stopShowing)
    const seconds = tally.elapsed() / 1_000

    const reader = { client, onFault: () => tally.faults++ }
    const unlike: string[] = []
    const newest = new Map<string, string>()
    await crowd(performed, concurrency, async (order) => {
      const read = await readOrder(reader, order)
      const { last, planned, id } = order
      newest.set(planned.customer, last.consistencyToken)
      const same =
        read?.status === last.status &&
        read.price.amount === planned.price.amount &&
        read.price.currency === planned.price.currency
      if (!same) unlike.push(`${id}: announced ${last.status}, reads ${read?.status ?? 'nothing'}`)
    })
    const books: Book[] = []
    await crowd(cast, concurrency, async (person) => {
      books.push(await readBook(reader, person, newest.get(person.id)))
    })

    const sums = sumsOf(books)
    const findings: readonly Finding[] = [
      { promise: 'every order has ended, and reads as it was announced', breaches: unlike },
      announcedInOrder(performed),
      placedOnce(books, performed),
      depositsAreThere(books),
      debitsArePaidOrders(books, performed),
      balancesChain(books),
      moneyIsKept(sums),
    ]
    console.log(reportOf(tally, seconds, sums, findings))
    return findings.every(({ breaches }) => breaches.length === 0)
  } finally {
    await client.close()
  }
}

/** So that nobody has to wait for ten minutes to see an order expire. */
const SHOP_PAYMENT_TIMEOUT = '15s'

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())

try {
  const options = parseOptions(process.argv.slice(2))
  const note = (line: string) => console.error(line)
  const env = options.shop ? { ORDER_PAYMENT_TIMEOUT: SHOP_PAYMENT_TIMEOUT, ...process.env } : process.env
  const venue = await findVenue(options, { env, note, signal: interrupted.signal })
  const stop = Promise.withResolvers<never>()
  interrupted.signal.addEventListener('abort', () => stop.reject(new Error('interrupted')))
  let right = false
  try {
    const performance = options.shop ? shopDemo(options, venue) : demo(options, venue.url)
    right = await Promise.race([performance, stop.promise])
  } finally {
    await venue.leave()
  }
  process.exit(right ? 0 : 1)
} catch (fault) {
  if (interrupted.signal.aborted) console.error('interrupted')
  else if (fault instanceof WrongUsage) console.error(`${fault.message}\n\n${usage}`)
  else console.error(fault instanceof NoApi || fault instanceof DataDirectoryInUse ? fault.message : fault)
  process.exit(1)
}
