import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { z } from 'zod'

export const DEFAULT_URL = 'http://127.0.0.1:4000/graphql'

const count = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d+$/, `must be a number from ${least} to ${most}`)
    .transform(Number)
    .refine((number) => number >= least && number <= most, `must be a number from ${least} to ${most}`)

const Options = z.object({
  orders: count(1, 1_000_000).default(1_000),
  concurrency: count(1, 1_000).default(32),
  url: z.url({ protocol: /^https?$/, error: 'must be the URL of a GraphQL API' }).optional(),
  data: z.string().optional(),
  shop: z.boolean().default(false),
  seed: z.string().default(() => randomUUID().slice(0, 8)),
})
export type Options = z.infer<typeof Options>

export const usage = `npm run demo -- [options]

  --orders N        orders to place (1000)
  --shop            carts and products from stock, some cancelled, given back or
                    left to expire, instead of plain amounts
  --concurrency N   orders in hand at a time (32)
  --url URL         the API to use (${DEFAULT_URL}); without it, and if nothing
                    answers there, the demo starts a system of its own
  --data DIR        where a system of its own keeps its data (a temporary directory)
  --seed TEXT       the same seed makes the same people and orders (a new one for each run)`

/** The command line is wrong. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage'
}

/** Reads the command line; throws `WrongUsage`. */
export const parseOptions = (args: readonly string[]): Options => {
  const text = { type: 'string' } as const
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        orders: text,
        concurrency: text,
        url: text,
        data: text,
        seed: text,
        shop: { type: 'boolean' },
      },
    })
    const parsed = Options.safeParse(values)
    if (parsed.success) return parsed.data
    throw new WrongUsage(
      parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}`).join('\n'),
    )
  } catch (fault) {
    throw fault instanceof WrongUsage
      ? fault
      : new WrongUsage(fault instanceof Error ? fault.message : String(fault))
  }
}
