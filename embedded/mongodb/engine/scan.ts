import type { RawDocument } from '../bson/types.ts'
import type { Collection } from './collection.ts'
import { idOfKey } from './index-definition.ts'
import type { Plan } from './planner.ts'

/** True to go on. */
type Visit = (id: Buffer, document: RawDocument) => boolean

/**
 * Delivers the documents of a plan, and can stop and go on later from the last key: a cursor between two batches holds
 * no transaction, so it pins no old pages and each batch reads what is committed then.
 */
export class Scan {
  /** Index keys looked at so far, as MongoDB counts them: those of `_id` only where it is looked up. */
  keysExamined = 0
  /** Documents read so far. */
  documentsExamined = 0
  readonly #collection: Collection
  readonly #plan: Plan
  #interval = 0
  #last: Buffer | undefined
  /** With arrays in the index a document may come again under another key. */
  readonly #seen: Set<string> | undefined

  constructor(collection: Collection, plan: Plan) {
    this.#collection = collection
    this.#plan = plan
    this.#seen = plan.index?.multikey ? new Set() : undefined
  }

  /** False if the visitor stopped it, true at the end. */
  run(visit: Visit): boolean {
    if (this.#plan.ids) return this.#lookUp(this.#plan.ids, visit)
    const { intervals, reverse } = this.#plan
    for (; this.#interval < intervals.length; this.#interval++) {
      const interval = intervals[reverse ? intervals.length - 1 - this.#interval : this.#interval]
      if (interval && !this.#stretch(interval.start, interval.end, visit)) return false
      this.#last = undefined
    }
    return true
  }

  #lookUp(ids: readonly Buffer[], visit: Visit): boolean {
    while (this.#interval < ids.length) {
      const id = ids[this.#interval++]
      const document = id && this.#collection.get(id)
      if (document === undefined) continue
      this.keysExamined++
      this.documentsExamined++
      if (!visit(id, document)) return false
    }
    return true
  }

  #stretch(start: Buffer, end: Buffer, visit: Visit): boolean {
    const range = this.#rangeOf(start, end)
    const index = this.#plan.index
    if (index === undefined) {
      for (const { key, value } of this.#collection.documents.getRange(range)) {
        this.#last = key
        this.documentsExamined++
        if (!visit(key, value)) return false
      }
      return true
    }
    for (const key of index.table.getKeys(range)) {
      this.#last = key
      this.keysExamined++
      const id = idOfKey(index.definition, key)
      if (this.#isRepeated(id)) continue
      const document = this.#collection.get(id)
      if (document === undefined) continue
      this.documentsExamined++
      if (!visit(id, document)) return false
    }
    return true
  }

  #rangeOf(start: Buffer, end: Buffer): { start: Buffer; end: Buffer; [option: string]: Buffer | boolean } {
    const last = this.#last
    return this.#plan.reverse
      ? { start: last ?? end, end: start, reverse: true, exclusiveStart: true, inclusiveEnd: true }
      : { start: last ?? start, end, exclusiveStart: last !== undefined }
  }

  #isRepeated(id: Buffer): boolean {
    if (this.#seen === undefined) return false
    const key = id.toString('latin1')
    if (this.#seen.has(key)) return true
    this.#seen.add(key)
    return false
  }
}
