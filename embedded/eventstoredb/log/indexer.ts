import { FreshRecords, type Entry } from './fresh-records.ts'
import type { StreamIndex } from './index/stream-index.ts'
import type { StreamHeads } from './stream-heads.ts'

/** The index grows in steps of about this much, whichever comes first. */
const stepRecords = 4096
const stepBytes = 4 * 1024 * 1024
/** What isn't indexed is in memory: with so much of it, commits have to wait. */
const maxRecords = 8 * stepRecords
const maxBytes = 8 * stepBytes

/** Brings the index up to date behind the log's back: appends wait for it only where it is far behind. */
export class Indexer {
  readonly fresh = new FreshRecords()
  readonly #index: StreamIndex
  readonly #heads: StreamHeads
  /** Told once that the index can't be written any more. */
  onFailure: (error: Error) => void = (error) => {
    throw error
  }
  #running: Promise<void> | undefined
  #failed = false

  constructor(index: StreamIndex, heads: StreamHeads) {
    this.#index = index
    this.#heads = heads
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.fresh.add(entry)
    if (this.#due && !this.#failed) this.#running ??= this.#run()
  }

  /** Undefined unless the index has fallen so far behind that it has to be waited for. */
  get room(): Promise<void> | undefined {
    return this.fresh.count < maxRecords && this.fresh.bytes < maxBytes ? undefined : this.#running
  }

  /** Resolves when nothing is being indexed. */
  async idle(): Promise<void> {
    await this.#running
  }

  get #due(): boolean {
    return this.fresh.count >= stepRecords || this.fresh.bytes >= stepBytes
  }

  async #run(): Promise<void> {
    try {
      for (let step = this.#due ? this.fresh.take() : undefined; step !== undefined;) {
        await this.#index.add(step.bytes, step.to)
        this.#heads.settle(step.entries.map(({ head }) => head))
        this.fresh.forget(step.entries)
        step = this.#due ? this.fresh.take() : undefined
      }
    } catch (error) {
      // What isn't indexed stays in memory, so without an index there is no going on for long.
      this.#failed = true
      this.onFailure(error instanceof Error ? error : new Error(String(error)))
    } finally {
      this.#running = undefined
    }
  }
}
