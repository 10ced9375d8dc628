import { parseArgs } from 'node:util'
import { z } from 'zod'

const whole = (text: z.ZodString, least: number, most: number) =>
  text
    .regex(/^\d+$/, 'must be a whole number')
    .transform(Number)
    .refine((number) => number >= least && number <= most, `must be from ${least} to ${most}`)
const count = (least: number, most: number) => whole(z.string(), least, most)
const counts = (least: number, most: number) =>
  z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(count(least, most)).min(1))

export const benchNames = [
  'orders',
  'consistency',
  'lag',
  'lists',
  'rebuild',
  'appends',
  'stock',
  'expiry',
] as const
export type BenchName = (typeof benchNames)[number]

/** What a run of the benchmark is asked to do; what is missing is up to each bench. */
const Options = z.object({
  only: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(benchNames)))
    .default([...benchNames]),
  wallets: counts(1, 100_000).default([500, 1]),
  clients: counts(1, 10_000).optional(),
  seconds: count(1, 3_600).default(10),
  runs: count(1, 100).default(3),
  'warm-up': count(0, 600).default(5),
  watch: z.boolean().default(false),
  pairs: count(1, 1_000_000).default(10_000),
  rate: count(1, 100_000).optional(),
  events: count(1, 100_000_000).default(1_000_000),
  orders: count(100, 10_000_000).default(1_000_000),
  due: count(1, 1_000_000).default(10_000),
  profile: z.string().optional(),
  json: z.boolean().default(false),
  help: z.boolean().default(false),
})
export type Options = z.infer<typeof Options>

export const usage = (about: Readonly<Record<BenchName, string>>): string => {
  const width = Math.max(...benchNames.map(({ length }) => length))
  return `npm run bench -- [options]

  --only A,B          these instead of all:
${benchNames.map((name) => `      ${name.padEnd(width)}  ${about[name]}`).join('\n')}
  --wallets 500,1     wallets that orders are spread over; 1 is the hot wallet (orders; the first one: lag, expiry)
  --clients 1,64,256  concurrent clients (orders, appends; stock: 64,256; consistency: 16; the first one: lag, 64)
  --seconds 10        length of a measured run
  --runs 3            measured runs of each kind (orders)
  --warm-up 5         seconds of load before the first measured run
  --watch             everybody also watches their orders, each over a WebSocket of their own (orders)
  --pairs 10000       changes that are read at once (consistency)
  --rate N            a second: orders of lag (without it: half of what the system completes, measured first),
                      queries of lists (200), new orders of expiry (100)
  --events 1000000    events in the log that is folded (rebuild)
  --orders 1000000    orders in the lists (lists)
  --due 10000         orders that reach their deadline at the same moment (expiry)
  --profile DIR       writes a CPU profile of every process there
  --json              one JSON line for each result instead of tables

Everything runs on this machine, on data in a temporary directory that is removed at the end.`
}

/** The command line is wrong. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

/** Reads the command line; throws `WrongUsage`. */
export const parseOptions = (args: readonly string[]): Options => {
  const [text, flag] = [{ type: 'string' }, { type: 'boolean' }] as const
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: text,
        wallets: text,
        clients: text,
        seconds: text,
        runs: text,
        'warm-up': text,
        watch: flag,
        pairs: text,
        rate: text,
        events: text,
        orders: text,
        due: text,
        profile: text,
        json: flag,
        help: flag,
      },
    })
    const parsed = Options.safeParse(values)
    if (parsed.success) return parsed.data
    throw new WrongUsage(
      parsed.error.issues.map(({ path, message }) => `--${path[0]?.toString()}: ${message}`).join('\n'),
    )
  } catch (fault) {
    throw fault instanceof WrongUsage
      ? fault
      : new WrongUsage(fault instanceof Error ? fault.message : String(fault))
  }
}
