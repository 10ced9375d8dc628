import { rawValue } from '../bson/codec.ts'
import type { Catalog } from './catalog.ts'
import type { Collection, Index } from './collection.ts'
import type { GroupCommit } from '../../lmdb/group-commit.ts'
import { recordOfEntry } from './index-keys.ts'
import { afterPrefix, encodeValue, inverted, tag } from './keys/encode.ts'

/** As MongoDB does. */
const usualInterval = 60_000
const mostPerTransaction = 250

/**
 * Removes the documents whose time is over, as TTL indexes say. It knows nothing from one pass to the next but what is
 * in the indexes, so it goes on after a restart where it was.
 */
export class TtlMonitor {
  passes = 0
  deletedDocuments = 0
  readonly #catalog: Catalog
  readonly #commit: GroupCommit
  readonly #now: () => number
  readonly #interval: number
  #timer: NodeJS.Timeout | undefined
  #passing: Promise<void> = Promise.resolve()
  #stopped = false

  constructor(catalog: Catalog, commit: GroupCommit, now: () => number, interval = usualInterval) {
    this.#catalog = catalog
    this.#commit = commit
    this.#now = now
    this.#interval = interval
    this.#wait()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    clearTimeout(this.#timer)
    await this.#passing
  }

  #wait(): void {
    if (this.#stopped) return
    this.#timer = setTimeout(() => {
      this.#passing = this.#turn().finally(() => this.#wait())
    }, this.#interval)
    this.#timer.unref()
  }

  async #turn(): Promise<void> {
    try {
      await this.#pass()
      this.passes++
    } catch (error) {
      console.error('mongodb: expired documents could not be removed; the next turn tries again:', error)
    }
  }

  async #pass(): Promise<void> {
    for (const collection of this.#catalog.all())
      for (const index of collection.indexes) {
        const { expireAfterSeconds } = index.definition
        if (expireAfterSeconds === undefined) continue
        const last = this.#now() - expireAfterSeconds * 1_000
        const decide = (): number => this.#removeExpired(collection, index, last)
        const committed = (count: number): void => void (this.deletedDocuments += count)
        const work = { decide, committed, writes: mostPerTransaction }
        while (!this.#stopped && (await this.#commit.run(work)) > 0);
      }
  }

  /** Within a transaction, so what the index says is so. An array counts by its first date. */
  #removeExpired(collection: Collection, index: Index, last: number): number {
    if (this.#catalog.get(collection.namespace) !== collection || index.dropped) return 0
    const { definition, table } = index
    const range = datesUpTo(last, definition.fields[0]?.descending === true)
    const records = new Set<number>()
    for (const { key, value } of table.getRange({ ...range, limit: mostPerTransaction }))
      records.add(recordOfEntry(definition, key, value))
    for (const record of records) {
      const document = collection.get(record)
      if (document) collection.remove(record, document)
    }
    return records.size
  }
}

/** Keys of dates, and of nothing else. */
function datesUpTo(last: number, descending: boolean): { start: Buffer; end: Buffer } {
  const first = Buffer.from([tag.date])
  const end = encodeValue(rawValue(new Date(last)))
  return descending
    ? { start: inverted(end), end: afterPrefix(inverted(first)) }
    : { start: first, end: afterPrefix(end) }
}
