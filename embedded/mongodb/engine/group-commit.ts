import type { Environment } from './environment.ts'

interface Job {
  readonly prepare: () => void
  readonly run: () => void
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/**
 * One transaction for all writes that are waiting. A write decides inside of the transaction, after all earlier ones,
 * so nobody decides on stale state; it is acknowledged when the transaction is on disk. While a commit keeps the
 * thread busy the sockets collect the next commands, which then share the next commit: no timer, no added delay.
 */
export class GroupCommit {
  readonly #environment: Environment
  readonly #undone: () => void
  #waiting: Job[] = []

  /** `undone` is told when a transaction was rolled back, so that what memory knows can be made to agree again. */
  constructor(environment: Environment, undone: () => void) {
    this.#environment = environment
    this.#undone = undone
  }

  /** `prepare` runs before the transaction begins (tables can't be made inside one), `decide` inside of it. */
  run<T>(prepare: () => void, decide: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      let settle = (): void => undefined
      this.#waiting.push({
        prepare,
        run: () => {
          const result = decide()
          settle = () => resolve(result)
        },
        done: () => settle(),
        failed: reject,
      })
      if (this.#waiting.length === 1) setImmediate(() => this.flush())
    })
  }

  /** Commits what is waiting, now. */
  flush(): void {
    const jobs = this.#waiting.filter(prepared)
    this.#waiting = []
    if (jobs.length === 0) return
    try {
      this.#commit(jobs)
    } catch (error) {
      this.#undone()
      // One of them threw where it should have answered. Each gets a transaction of its own, so only that one fails.
      if (jobs.length === 1) jobs[0]?.failed(error)
      else for (const job of jobs) this.#alone(job)
    }
  }

  #commit(jobs: readonly Job[]): void {
    this.#environment.commit(() => {
      for (const job of jobs) job.run()
    })
    for (const job of jobs) job.done()
  }

  #alone(job: Job): void {
    try {
      this.#commit([job])
    } catch (error) {
      this.#undone()
      job.failed(error)
    }
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
