import type { Environment } from './environment.ts'

/** A change that somebody waits for. */
export interface Work<T> {
  /** Runs just before the transaction begins (tables can't be made inside one). What it throws is the answer. */
  readonly prepare?: () => void
  /** Runs inside of the transaction, after all that waited longer. What it throws undoes the transaction. */
  readonly decide: () => T
  /** Runs when it is on disk, before anybody else can see it. */
  readonly committed?: (result: T) => void
  /** About how many documents it writes. */
  readonly writes?: number
  /** Shares its transaction with nobody, as what others decide may depend on `committed`. */
  readonly alone?: boolean
}

interface Job {
  readonly writes: number
  readonly alone: boolean
  readonly prepare: () => void
  readonly run: () => void
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** Up to so many writes a flush takes less time than handing it to another thread is worth. */
const fewWrites = 32
/** Deciding keeps the thread busy: what waits beyond this many writes waits for the next transaction. */
const mostWrites = 4_000

/**
 * One transaction for all writes that are waiting. A write decides inside of the transaction, after all earlier ones,
 * so nobody decides on stale state; it is acknowledged when the transaction is on disk. While a commit is under way
 * the next commands gather, and then share the next one: no timer, no added delay.
 */
export class GroupCommit {
  readonly #environment: Environment
  readonly #undone: () => void
  #waiting: Job[] = []
  #working: Promise<void> | undefined

  /** `undone` is told when a transaction was rolled back, so that what memory knows can be made to agree again. */
  constructor(environment: Environment, undone: () => void) {
    this.#environment = environment
    this.#undone = undone
  }

  run<T>({ prepare, decide, committed, writes = 1, alone = false }: Work<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let settle = (): void => undefined
      this.#waiting.push({
        writes,
        alone,
        prepare: () => prepare?.(),
        run: () => {
          const result = decide()
          settle = () => {
            committed?.(result)
            resolve(result)
          }
        },
        done: () => settle(),
        failed: reject,
      })
      this.#working ??= this.#work()
    })
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#working) await this.#working
  }

  async #work(): Promise<void> {
    do {
      await new Promise((resolve) => setImmediate(resolve))
      const jobs = this.#next().filter(prepared)
      if (jobs.length > 0) await this.#commitAll(jobs)
    } while (this.#waiting.length > 0)
    this.#working = undefined
  }

  #next(): Job[] {
    let writes = 0
    const end = this.#waiting.findIndex((job, i) => {
      writes += job.writes
      return i > 0 && (job.alone || this.#waiting[0]?.alone === true || writes > mostWrites)
    })
    return this.#waiting.splice(0, end < 0 ? this.#waiting.length : end)
  }

  async #commitAll(jobs: readonly Job[]): Promise<void> {
    try {
      await this.#commit(jobs)
    } catch (error) {
      this.#undone()
      // One of them threw where it should have answered. Each gets a transaction of its own, so only that one fails.
      if (jobs.length === 1) jobs[0]?.failed(error)
      else for (const job of jobs) await this.#commitAll([job])
      return
    }
    for (const job of jobs) job.done()
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    const runAll = (): void => {
      for (const job of jobs) job.run()
    }
    const writes = jobs.reduce((sum, job) => sum + job.writes, 0)
    if (writes <= fewWrites) this.#environment.commit(runAll)
    else await this.#environment.commitAside(runAll)
  }
}

function prepared(job: Job): boolean {
  try {
    job.prepare()
    return true
  } catch (error) {
    job.failed(error)
    return false
  }
}
