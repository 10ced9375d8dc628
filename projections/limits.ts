/** Events of one batch: large enough to make a rebuild fast, small enough to be folded in some 20 ms. */
export const MAX_BATCH = 2_000

/** Milliseconds that MongoDB has for an answer. */
export const MONGO_DEADLINE = 10_000
