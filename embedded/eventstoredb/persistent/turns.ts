/** Work that is done in portions. */
export interface Task {
  /** Does one portion, and says whether it has another to do. */
  turn(): boolean
}

const budgetMs = 5

/**
 * Gives each of many tasks a turn after the other, and after a few milliseconds everyone else: calls are
 * answered while groups read through a million events.
 */
export class Turns {
  readonly #now: () => number
  readonly #waiting = new Set<Task>()
  #scheduled = false

  constructor(now: () => number = () => performance.now()) {
    this.#now = now
  }

  has(task: Task): boolean {
    return this.#waiting.has(task)
  }

  add(task: Task): void {
    this.#waiting.add(task)
    this.#schedule()
  }

  remove(task: Task): void {
    this.#waiting.delete(task)
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return
    this.#scheduled = true
    setImmediate(this.#run)
  }

  readonly #run = (): void => {
    this.#scheduled = false
    const end = this.#now() + budgetMs
    // Who is added again while this runs comes after all others.
    for (const task of this.#waiting) {
      this.#waiting.delete(task)
      if (task.turn()) this.#waiting.add(task)
      if (this.#now() >= end) break
    }
    this.#schedule()
  }
}
