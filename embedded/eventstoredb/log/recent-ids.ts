/**
 * Ids of recently committed events, to recognise a resent write that expects nothing of its stream. Bounded:
 * two generations, the older of which is dropped when the younger is full.
 */
export class RecentIds {
  readonly #capacity: number
  #young = new Map<string, { stream: string; revision: number }>()
  #old = new Map<string, { stream: string; revision: number }>()

  constructor(capacity = 50_000) {
    this.#capacity = capacity
  }

  add(id: string, stream: string, revision: number): void {
    if (this.#young.size >= this.#capacity) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(id, { stream, revision })
  }

  revisionOf(id: string, stream: string): number | undefined {
    const found = this.#young.get(id) ?? this.#old.get(id)
    return found?.stream === stream ? found.revision : undefined
  }
}
