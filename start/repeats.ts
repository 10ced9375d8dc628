/** Lines that differ only in ids and numbers say the same. */
const gist = (line: string): string => line.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}|\d+/gi, '#')

const QUIET = 5_000
const GISTS_KEPT = 1_000

/**
 * Lets the first of many similar lines through, and then one every few seconds that tells how many were like
 * it; undefined for a line that is held back. An outage would else fill the screen with what it does to each
 * request; the log files have every line.
 */
export const withoutRepeats = (clock: () => number): ((line: string) => string | undefined) => {
  const shown = new Map<string, { at: number; heldBack: number }>()
  return (line) => {
    const key = gist(line)
    const before = shown.get(key)
    if (before && clock() - before.at < QUIET) {
      before.heldBack++
      return undefined
    }
    if (shown.size >= GISTS_KEPT) shown.clear()
    shown.set(key, { at: clock(), heldBack: 0 })
    return before && before.heldBack > 0 ? `${line} (and ${before.heldBack} like it before)` : line
  }
}
