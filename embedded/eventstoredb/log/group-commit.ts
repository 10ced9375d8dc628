import type { Entry } from './fresh-records.ts'
import { CommitFrames } from './segments/commit-frames.ts'
import type { Segments } from './segments/segments.ts'

type Answer = (failure: Error | undefined) => void

interface Batch {
  readonly frames: CommitFrames
  readonly entries: Entry[]
  readonly answers: Answer[]
}

export type CommitStore = Pick<Segments, 'append' | 'plan'>

/**
 * Group commit: what arrives while one commit is being written shares the next. There is no waiting for more to
 * arrive, so that a lone append is as fast as the disk.
 */
export class GroupCommit {
  readonly #store: CommitStore
  readonly #onDurable: (entries: readonly Entry[], end: number) => Promise<void> | undefined
  #open: Batch
  #running: Promise<void> | undefined
  #failure: Error | undefined
  #bytesInFlight = 0

  /**
   * `onDurable`: the entries are on disk, make them visible. It is called before anyone is answered, and may ask for
   * the next commit to wait.
   */
  constructor(
    store: CommitStore,
    end: number,
    onDurable: (entries: readonly Entry[], end: number) => Promise<void> | undefined,
  ) {
    this.#store = store
    this.#onDurable = onDurable
    this.#open = this.#batchAfter(end)
  }

  /** Bytes accepted and not yet on disk: what producers have to be slowed down by. */
  get backlog(): number {
    return this.#bytesInFlight + this.#open.frames.size
  }

  /** Position of the record that is added next. */
  place(): number {
    return this.#open.frames.place()
  }

  add(entry: Entry): void {
    this.#open.frames.add(entry.record.framed)
    this.#open.entries.push(entry)
    this.#schedule()
  }

  /** Calls back when all that was added so far is durable, or can't become so. */
  whenDurable(answer: Answer): void {
    if (this.#failure !== undefined) answer(this.#failure)
    else {
      this.#open.answers.push(answer)
      this.#schedule()
    }
  }

  /** Takes nothing more until a restart: heads may be ahead of the log, and nobody knows what the disk holds. */
  fail(error: Error): void {
    this.#failure ??= error
  }

  /** Resolves when nothing is under way any more. */
  async finish(): Promise<void> {
    await this.#running
  }

  #batchAfter(end: number): Batch {
    return { frames: new CommitFrames(this.#store.plan(end)), entries: [], answers: [] }
  }

  #schedule(): void {
    this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // After this turn's input has been read: requests that came in one packet belong in one commit.
    await new Promise<void>((resolve) => setImmediate(resolve))
    while (this.#open.answers.length > 0 || this.#open.entries.length > 0) {
      const batch = this.#open
      this.#open = this.#batchAfter(batch.frames.end)
      this.#bytesInFlight = batch.frames.size
      await this.#settle(batch)
      this.#bytesInFlight = 0
    }
    this.#running = undefined
  }

  async #settle({ frames, entries, answers }: Batch): Promise<void> {
    const written = this.#failure === undefined && entries.length > 0 && (await this.#write(frames))
    const pause = written ? this.#onDurable(entries, frames.end) : undefined
    for (const answer of answers) answer(this.#failure)
    await pause
  }

  async #write(frames: CommitFrames): Promise<boolean> {
    try {
      await this.#store.append(frames.start, frames.seal())
      return true
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)))
      return false
    }
  }
}
