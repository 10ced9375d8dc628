/** What has happened so far; the progress line and the final table are made of it. */
export interface Tally {
  readonly orders: number
  /** Milliseconds since the first order. */
  readonly elapsed: () => number
  placed: number
  /** Last statuses, by name. */
  readonly ended: Map<string, number>
  /** Reasons of failed orders. */
  readonly reasons: Map<string, number>
  /** Milliseconds from sending the mutation to seeing the last status. */
  readonly latencies: number[]
  /** Passing faults that were sat out. */
  faults: number
}

export const startTally = (orders: number): Tally => {
  const begun = performance.now()
  return {
    orders,
    elapsed: () => performance.now() - begun,
    placed: 0,
    ended: new Map(),
    reasons: new Map(),
    latencies: [],
    faults: 0,
  }
}

export const count = (counts: Map<string, number>, name: string) =>
  counts.set(name, (counts.get(name) ?? 0) + 1)

/** The value below which the given share of the numbers lies; NaN if there are none. */
export const percentile = (numbers: readonly number[], share: number): number => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN
}

/** Entries in the order of their names. */
export const byName = <T>(entries: ReadonlyMap<string, T>): readonly (readonly [string, T])[] =>
  [...entries].sort(([a], [b]) => (a < b ? -1 : 1))
