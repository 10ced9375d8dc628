import { defaultWindow, type FilterOptions } from '../codec/filter.ts'

/**
 * Tells a filtered subscription how far it has come, so that it need not filter the same events again. While it
 * catches up it reads by pages, of so many considered events, and hears of its place at the end of a page; once
 * it is live, after every so many events.
 */
export class Checkpoints {
  readonly #pageSize: number
  readonly #interval: number
  #live = false
  #pageStart = 0
  #inPage = 0
  #sinceLast = 0
  /** The last event that was considered, or where the subscription began. */
  #reached: number
  #matched = 0
  #told = 0

  /** `start` is the last position before the first event to come, 0 if there is none. */
  constructor(
    { window, checkpointMultiplier }: Pick<FilterOptions, 'window' | 'checkpointMultiplier'>,
    start: number,
  ) {
    this.#pageSize = window ?? defaultWindow
    this.#interval = this.#pageSize * checkpointMultiplier
    this.#reached = start
  }

  /** The checkpoint to be told after this event, if there is one. */
  after(position: number, matched: boolean): number | undefined {
    this.#reached = position
    if (matched) this.#matched = position
    this.#sinceLast += 1
    if (this.#live) return this.#sinceLast >= this.#interval ? this.#tell(position) : undefined
    if (this.#inPage === 0) this.#pageStart = position
    this.#inPage += 1
    if (this.#inPage < this.#pageSize) return undefined
    this.#inPage = 0
    return this.#sinceLast >= this.#interval
      ? this.#tell(Math.max(this.#matched, this.#pageStart))
      : undefined
  }

  /** The checkpoint at the end of catching up. */
  caughtUp(): number | undefined {
    this.#live = true
    return this.#tell(this.#reached)
  }

  /** Back to reading pages. */
  fellBehind(): void {
    this.#live = false
    this.#inPage = 0
    this.#sinceLast = 0
  }

  #tell(position: number): number | undefined {
    this.#sinceLast = 0
    if (position <= this.#told) return undefined
    this.#told = position
    return position
  }
}
