import { within } from '../eventstore/deadline.ts'

/** Events of one batch: large enough to make a rebuild fast, small enough to be folded in some 20 ms. */
export const MAX_BATCH = 2_000

/** Milliseconds that MongoDB has for an answer. */
export const MONGO_DEADLINE = 10_000

/** What MongoDB answers, if it does in time; throws `Unavailable`. The driver itself has no deadline for an answer. */
export const inTime = <T>(answer: Promise<T>, ms = MONGO_DEADLINE): Promise<T> =>
  within(ms, 'MongoDB', answer)
