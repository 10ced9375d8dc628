import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { sortKey, type SortField } from './sort.ts'

export const mostBytesInMemory = 100 * 1024 * 1024

interface Entry<T> {
  readonly key: Buffer
  /** The order of arrival, which settles ties. */
  readonly arrival: number
  readonly size: number
  readonly item: T
}

/**
 * Sorts in memory, by the same keys that an index would have. With a limit it holds no more than that many items, the
 * last of them on top of a heap; without, it refuses to grow beyond MongoDB's bound.
 */
export class Sorter<T extends { readonly document: RawDocument }> {
  readonly #fields: readonly SortField[]
  readonly #limit: number
  readonly #heap: Entry<T>[] = []
  #size = 0
  #arrivals = 0

  /** `limit` 0 is none. */
  constructor(fields: readonly SortField[], limit: number) {
    this.#fields = fields
    this.#limit = limit === 0 ? Infinity : limit
  }

  get size(): number {
    return this.#size
  }

  add(item: T): void {
    const key = sortKey(item.document, this.#fields)
    const entry = { key, arrival: this.#arrivals++, size: key.length + item.document.length, item }
    if (this.#heap.length < this.#limit) this.#push(entry)
    else if (this.#heap[0] && before(entry, this.#heap[0])) this.#replaceTop(entry)
    if (this.#size > mostBytesInMemory)
      throw new MongoError(
        'QueryExceededMemoryLimitNoDiskUseAllowed',
        `Sort exceeded memory limit of ${mostBytesInMemory} bytes, but did not opt in to external sorting.`,
      )
  }

  sorted(): T[] {
    return this.#heap.toSorted((a, b) => (before(a, b) ? -1 : 1)).map(({ item }) => item)
  }

  #push(entry: Entry<T>): void {
    this.#size += entry.size
    this.#heap.push(entry)
    // Without a limit nothing is ever taken from the top.
    if (this.#limit !== Infinity) this.#up(this.#heap.length - 1)
  }

  #replaceTop(entry: Entry<T>): void {
    this.#size += entry.size - (this.#heap[0]?.size ?? 0)
    this.#heap[0] = entry
    this.#down(0)
  }

  #up(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1
      if (!this.#swapIfBefore(parent, at)) return
      at = parent
    }
  }

  #down(from: number): void {
    for (let at = from; ;) {
      const left = 2 * at + 1
      if (left >= this.#heap.length) return
      const later = this.#isBefore(left, left + 1) ? left + 1 : left
      if (!this.#swapIfBefore(at, later)) return
      at = later
    }
  }

  /** The later one belongs above. */
  #swapIfBefore(above: number, below: number): boolean {
    const [a, b] = [this.#heap[above], this.#heap[below]]
    if (a === undefined || b === undefined || !before(a, b)) return false
    this.#heap[above] = b
    this.#heap[below] = a
    return true
  }

  #isBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]]
    return a !== undefined && b !== undefined && before(a, b)
  }
}

function before<T>(a: Entry<T>, b: Entry<T>): boolean {
  const order = a.key.compare(b.key)
  return order === 0 ? a.arrival < b.arrival : order < 0
}
