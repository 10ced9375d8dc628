/** Tries in all, an hour's worth; then only a request sends the event again. */
export const TRIES = 65
const FIRST_PAUSE = 500
const LONGEST_PAUSE = 60_000

/** Milliseconds until the next try: twice as long each time, up to a minute. `chance` (0 to 1) takes off up to a quarter. */
export const pauseAfter = (failures: number, chance: number): number =>
  Math.round(Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1)) * (1 - chance / 4))
