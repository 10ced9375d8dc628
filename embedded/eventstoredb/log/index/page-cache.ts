import { LRUCache } from 'lru-cache'

import { pageSize } from './run-format.ts'

const cachedBytes = 8 * 1024 * 1024

/** Pages of all runs: the ones that searches begin with stay in memory. */
export class PageCache {
  readonly #pages = new LRUCache<number, Buffer>({ max: cachedBytes / pageSize })
  #runs = 0

  /** Numbers tell runs apart, and aren't used again. */
  newRun(): number {
    this.#runs += 1
    return this.#runs
  }

  page(run: number, page: number, load: () => Buffer): Buffer {
    const key = run * 0x1_0000_0000 + page
    const cached = this.#pages.get(key)
    if (cached !== undefined) return cached
    const loaded = load()
    this.#pages.set(key, loaded)
    return loaded
  }
}
