import { within } from '../eventstore/deadline.ts'

/** Events that are folded in one go: some 10 ms, after which sockets get their turn. */
export const MAX_BATCH = 250

/** Folding runs ahead of writing by so many events, and waits there. */
export const MAX_AHEAD = 2_000

/** So many events may be in one write. */
export const MAX_WRITE = MAX_AHEAD + MAX_BATCH

/** Milliseconds that MongoDB has for an answer. */
export const MONGO_DEADLINE = 10_000

/** Milliseconds that MongoDB has for the indexes of a whole collection: a minute makes those of some millions. */
export const INDEX_DEADLINE = 900_000

/** What MongoDB answers, if it does in time; throws `Unavailable`. The driver itself has no deadline for an answer. */
export const inTime = <T>(answer: Promise<T>, ms = MONGO_DEADLINE, signal?: AbortSignal): Promise<T> =>
  within(ms, 'MongoDB', answer, signal)
