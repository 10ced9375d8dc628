import { z } from 'zod'
import { event } from './catalogue.ts'
import type { EventOf } from './catalogue.ts'
import { codecOf } from './codec.ts'
import { refuse } from './decision.ts'
import type { Decision } from './decision.ts'
import type { Aggregate } from './stream.ts'

/** The smallest aggregate, for the tests of this folder: a count that may not pass ten thousand. */
export const counterEvents = { Counted: event(z.object({ by: z.int(), total: z.int() })) }
export type Counted = EventOf<typeof counterEvents>

export const counter: Aggregate<number, Counted> = {
  category: 'counter',
  codec: codecOf(counterEvents),
  initial: 0,
  evolve: (_, { data }) => data.total,
}

export const count =
  (by: number) =>
  (total: number): Decision<Counted, 'TOO_MANY'> =>
    total + by > 10_000 ? refuse('TOO_MANY') : [{ type: 'Counted', data: { by, total: total + by } }]
