/** Counts items, and once in a while says how many there were per second. */
export class Rate {
  #total = 0
  #measured = 0
  #measuredAt: number
  #perSecond = 0

  constructor(now: number) {
    this.#measuredAt = now
  }

  get total(): number {
    return this.#total
  }

  get sinceLastMeasurement(): number {
    return this.#total - this.#measured
  }

  get perSecond(): number {
    return this.#perSecond
  }

  count(): void {
    this.#total += 1
  }

  measure(now: number): void {
    const seconds = (now - this.#measuredAt) / 1000
    if (seconds <= 0) return
    this.#perSecond = Math.round((this.#total - this.#measured) / seconds)
    this.#measured = this.#total
    this.#measuredAt = now
  }
}
