import { MongoError } from '../../errors.ts'

/** MongoDB's bound for what a stage may hold. There it may go on on disk; here it ends. */
const mostBytes = 100 * 1024 * 1024

/** Counts what a blocking stage holds. */
export class Memory {
  readonly #stage: string
  #bytes = 0

  constructor(stage: string) {
    this.#stage = stage
  }

  add(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > mostBytes)
      throw new MongoError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Exceeded memory limit for ${this.#stage}: ${mostBytes} bytes, and this node does not spill to disk.`,
      )
  }
}
