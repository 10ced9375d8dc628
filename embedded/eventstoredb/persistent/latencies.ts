/** How long a client took to answer, in milliseconds: the last thousand times. */
export class Latencies {
  readonly #capacity: number
  readonly #last: number[] = []
  #next = 0

  constructor(capacity = 1000) {
    this.#capacity = capacity
  }

  add(ms: number): void {
    this.#last[this.#next] = ms
    this.#next = (this.#next + 1) % this.#capacity
  }

  /** The figures under the names that a real node gives them; none before the first answer. */
  summary(): [name: string, ms: number][] {
    if (this.#last.length === 0) return []
    const sorted = this.#last.toSorted((a, b) => a - b)
    const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length
    const quintiles = [1, 2, 3, 4, 5].map((fifth): [string, number] => [
      `Quintile ${fifth}`,
      quantile(sorted, fifth * 200),
    ])
    const tails = [900, 950, 990, 995, 999].map((permille): [string, number] => [
      `${permille / 10}%`,
      quantile(sorted, permille),
    ])
    return [
      ['Mean', Math.round(mean)],
      ['Median', quantile(sorted, 500)],
      ['Fastest', quantile(sorted, 0)],
      ...quintiles,
      ...tails,
      ['Highest', quantile(sorted, 1000)],
    ]
  }
}

/** The smallest value that at least so many of a thousand don't exceed. */
function quantile(sorted: readonly number[], permille: number): number {
  const rank = Math.ceil((permille * sorted.length) / 1000)
  return sorted[Math.max(0, rank - 1)] ?? 0
}
