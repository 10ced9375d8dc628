import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { MongoClient } from 'mongodb'
import { z } from 'zod'
import { readModels } from '../projections/readModels.ts'
import { startSystem } from '../start/system.ts'
import type { System } from '../start/system.ts'
import { appends } from './appends.ts'
import { load } from './load.ts'
import { rebuild } from './rebuild.ts'
import { stand } from './stand.ts'
import { table } from './table.ts'

const HELP = `npm run bench -- [options]

  --wallets 500,1    wallets that the orders are spread over; 1 is the hot wallet
  --clients 1,64,256 concurrent clients
  --seconds 10       length of a measured run
  --runs 3           measured runs of each kind, after a warm-up
  --warm-up 5        seconds of warm-up before them
  --only orders,appends,rebuild
  --watch            everybody also watches their orders, each over a WebSocket of their own
  --profile DIR      writes a CPU profile of every process there
  --json             one JSON line for each run instead of a table
`

const { values } = parseArgs({
  options: {
    wallets: { type: 'string', default: '500,1' },
    clients: { type: 'string', default: '1,64,256' },
    seconds: { type: 'string', default: '10' },
    runs: { type: 'string', default: '3' },
    'warm-up': { type: 'string', default: '5' },
    only: { type: 'string', default: 'orders,appends,rebuild' },
    profile: { type: 'string' },
    watch: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit(0)
}

const many = z
  .string()
  .transform((list) => list.split(',').map(Number))
  .pipe(z.array(z.int().min(1)).min(1))
const count = z.coerce.number().min(0)
const options = z
  .object({
    wallets: many,
    clients: many,
    seconds: count,
    runs: count,
    'warm-up': count,
    only: z
      .string()
      .transform((list) => list.split(','))
      .pipe(z.array(z.enum(['orders', 'appends', 'rebuild']))),
  })
  .parse(values)

const rows: string[][] = []
const report = (bench: string, result: Readonly<Record<string, unknown>>, row: readonly string[]) => {
  if (values.json) console.log(JSON.stringify({ bench, ...result }))
  else console.error(row.join('  '))
  rows.push([...row])
}
const rounded = (value: number, digits = 0) => value.toFixed(digits)
const shares = (cpu: Readonly<Record<string, number>>) =>
  Object.entries(cpu)
    .map(([name, share]) => `${name} ${share}`)
    .join(' · ')

const pidsOf = (system: System): Record<string, number> => ({
  ...Object.fromEntries(system.processes.names.map((name) => [name, system.processes.pid(name) ?? 0])),
  driver: process.pid,
})

const dataDir = await mkdtemp(join(tmpdir(), 'counterfoil-bench-'))
const system = await startSystem({
  dataDir,
  env: { ...process.env, LOG_LEVEL: 'warn', RATE_LIMIT_PER_SECOND: '0' },
  nodeFlags: values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [],
})
try {
  if (options.only.includes('orders'))
    for (const wallets of options.wallets)
      for (const clients of options.clients) {
        const stage = await stand(system, { wallets, clients, watch: values.watch })
        const results = await load({
          stand: stage,
          clients,
          warmUpSeconds: options['warm-up'],
          seconds: options.seconds,
          runs: options.runs,
          pids: pidsOf(system),
        })
        for (const [run, result] of results.entries())
          report('orders', { wallets, clients, run: run + 1, ...result }, [
            `orders, ${wallets === 1 ? 'hot wallet' : `${wallets} wallets`}, ${clients} clients`,
            rounded(result.acceptedPerSecond),
            rounded(result.completedPerSecond),
            rounded(result.p50, 1),
            rounded(result.p99, 1),
            shares(result.cpu),
          ])
        await stage.close()
      }
  if (options.only.includes('rebuild')) {
    const mongo = await new MongoClient(system.addresses.mongodb).connect()
    const upTo = await readModels({ db: mongo.db('counterfoil') }).position()
    await mongo.close()
    const result = await rebuild(system, upTo)
    report('rebuild', { ...result }, [
      `projections, rebuild of ${result.events} events`,
      '',
      `${rounded(result.eventsPerSecond)} events/s`,
      '',
      '',
      '',
    ])
  }
  if (options.only.includes('appends'))
    for (const inFlight of options.clients) {
      const result = await appends(system, { inFlight, seconds: options.seconds, pids: pidsOf(system) })
      report('appends', { inFlight, ...result }, [
        `appends, ${inFlight} in flight`,
        '',
        `${rounded(result.appendsPerSecond)} appends/s`,
        '',
        '',
        shares(result.cpu),
      ])
    }
} finally {
  await system.stop()
  await rm(dataDir, { recursive: true, force: true })
}
if (!values.json)
  console.log(table(['run', 'accepted/s', 'completed/s', 'p50 ms', 'p99 ms', 'CPU, % of a core'], rows))
