import { z } from 'zod'
import { randomOf } from '../../random.ts'

export const troubles = ['late', 'fail', 'lose', 'hold'] as const

/**
 * What goes wrong with a request: the work is done late, or not at all; or all of it, and the answer is lost, or held
 * back for a while.
 */
const Disturbance = z.strictObject({
  do: z.enum(troubles),
  method: z.enum(['GET', 'POST']).optional(),
  /** What the path has to match, such as `/v1/refunds` or `/v1/payment_intents/[^/]+/cancel`. */
  path: z.string().max(200).default('/v1/.*'),
  share: z.number().min(0).max(1).default(1),
  /** So many times at the most. */
  times: z.int().min(1).optional(),
  /** How late, at the most, or how long an answer is held back. */
  ms: z.int().min(0).max(60_000).default(1_000),
  /** What a failure is answered with. */
  status: z.union([z.literal(429), z.int().min(500).max(599)]).default(500),
})

export const Disturbances = z.strictObject({
  seed: z.int().default(1),
  rules: z.array(Disturbance).max(20).default([]),
})
export type Disturbances = z.infer<typeof Disturbances>
export type DisturbancesWishes = z.input<typeof Disturbances>
export type Trouble = Pick<z.infer<typeof Disturbance>, 'do' | 'ms' | 'status'>
/** How many requests met with what. */
export type TroubleTally = Record<Trouble['do'], number>

/** Says what is to go wrong with a request; the first rule that fits and strikes. */
export const disturbing = ({ seed, rules }: Disturbances, tally: TroubleTally) => {
  const random = randomOf(seed)
  const active = rules.map((rule) => ({
    ...rule,
    left: rule.times ?? Infinity,
    matches: new RegExp(`^(?:${rule.path})$`),
  }))
  return (method: string, path: string): Trouble | undefined => {
    const struck = active.find(
      (rule) =>
        rule.left > 0 &&
        (rule.method === undefined || rule.method === method) &&
        rule.matches.test(path) &&
        random() < rule.share,
    )
    if (!struck) return undefined
    struck.left--
    tally[struck.do]++
    const { do: trouble, ms, status } = struck
    return { do: trouble, ms: trouble === 'late' ? Math.floor(random() * ms) : ms, status }
  }
}
