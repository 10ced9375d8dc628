/** Sorted lists that are read as one: a heap of what each of them has next. */
export class SortedRuns<T> {
  readonly #order: (a: T, b: T) => number
  readonly #heap: Run<T>[] = []

  constructor(order: (a: T, b: T) => number) {
    this.#order = order
  }

  get isEmpty(): boolean {
    return this.#heap.length === 0
  }

  add(items: readonly T[]): void {
    const [first] = items
    if (first === undefined) return
    this.#heap.push({ items, at: 0, first })
    this.#up(this.#heap.length - 1)
  }

  /** Takes the least item. */
  next(): T | undefined {
    const run = this.#heap[0]
    if (run === undefined) return undefined
    const item = run.first
    const following = run.items[++run.at]
    if (following !== undefined) run.first = following
    else {
      const last = this.#heap.pop()
      if (last !== undefined && last !== run) this.#heap[0] = last
    }
    this.#down(0)
    return item
  }

  #up(at: number): void {
    for (let child = at; child > 0;) {
      const parent = (child - 1) >> 1
      if (!this.#swapped(child, parent)) return
      child = parent
    }
  }

  #down(at: number): void {
    for (let parent = at; ;) {
      const left = parent * 2 + 1
      const least = this.#isLess(left + 1, left) ? left + 1 : left
      if (!this.#swapped(least, parent)) return
      parent = least
    }
  }

  /** Puts the lower run first; false if it is so already. */
  #swapped(lower: number, upper: number): boolean {
    if (!this.#isLess(lower, upper)) return false
    const [a, b] = [this.#heap[lower], this.#heap[upper]]
    if (a && b) [this.#heap[lower], this.#heap[upper]] = [b, a]
    return true
  }

  #isLess(a: number, b: number): boolean {
    const [left, right] = [this.#heap[a], this.#heap[b]]
    return left !== undefined && right !== undefined && this.#order(left.first, right.first) < 0
  }
}

interface Run<T> {
  readonly items: readonly T[]
  at: number
  first: T
}
