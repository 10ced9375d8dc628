import type { Bench } from './bench.ts'
import { appends } from './benches/appends.ts'
import { consistency } from './benches/consistency.ts'
import { expiry } from './benches/expiry.ts'
import { lag } from './benches/lag.ts'
import { lists } from './benches/lists.ts'
import { orders } from './benches/orders.ts'
import { rebuild } from './benches/rebuild.ts'
import { stock } from './benches/stock.ts'
import { benchNames, parseOptions, usage, WrongUsage } from './options.ts'
import type { BenchName } from './options.ts'
import { reporter } from './report.ts'

/** `npm run bench`: how fast it is, and that what was written is read. */
const benches: Readonly<Record<BenchName, Bench>> = {
  orders,
  consistency,
  lag,
  lists,
  rebuild,
  appends,
  stock,
  expiry,
}
const help = () =>
  usage({
    orders: orders.about,
    consistency: consistency.about,
    lag: lag.about,
    lists: lists.about,
    rebuild: rebuild.about,
    appends: appends.about,
    stock: stock.about,
    expiry: expiry.about,
  })

const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => interrupted.abort(new Error('interrupted')))

const bench = async (args: readonly string[]): Promise<void> => {
  const options = parseOptions(args)
  if (options.help) return console.log(help())
  const report = reporter(options.json)
  try {
    for (const name of benchNames)
      if (options.only.includes(name))
        await benches[name].run({ options, report, signal: interrupted.signal })
  } finally {
    report.close()
  }
}

try {
  await bench(process.argv.slice(2))
  process.exit(0)
} catch (fault) {
  if (interrupted.signal.aborted) console.error('interrupted')
  else console.error(fault instanceof WrongUsage ? `${fault.message}\n\n${help()}` : fault)
  process.exit(1)
}
