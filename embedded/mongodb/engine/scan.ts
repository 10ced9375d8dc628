import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import type { Collection, Index } from './collection.ts'
import type { Table } from '../../lmdb/environment.ts'
import { recordOfKey } from './index-keys.ts'
import type { Interval, Plan } from './planner.ts'
import { decodeRecordNumber } from './record-number.ts'

/** True to go on. */
type Visit = (record: number, document: RawDocument) => boolean

type Range = NonNullable<Parameters<Table['getRange']>[0]>

/**
 * Delivers the documents of a plan, and can stop and go on later from the last key: a cursor between two batches holds
 * no transaction, so it pins no old pages and each batch reads what is committed then.
 */
export class Scan {
  /** Index keys looked at so far, as MongoDB counts them. */
  keysExamined = 0
  /** Documents read so far. */
  documentsExamined = 0
  readonly #collection: Collection
  readonly #plan: Plan
  #interval = 0
  #last: Buffer | undefined
  /** With arrays in the index a document may come again under another key. */
  readonly #seen: Set<number> | undefined

  constructor(collection: Collection, plan: Plan) {
    this.#collection = collection
    this.#plan = plan
    this.#seen = plan.index?.multikey ? new Set() : undefined
  }

  /** False if the visitor stopped it, true at the end. */
  run(visit: Visit): boolean {
    this.#collection.checkIsThere()
    const { index } = this.#plan
    if (index?.dropped)
      throw new MongoError('QueryPlanKilled', `index '${index.definition.name}' was dropped during the query`)
    if (this.#plan.ids) return this.#lookUp(this.#plan.ids, visit)
    const { intervals, reverse } = this.#plan
    for (; this.#interval < intervals.length; this.#interval++) {
      const interval = intervals[reverse ? intervals.length - 1 - this.#interval : this.#interval]
      if (interval && !this.#stretch(interval, visit)) return false
      this.#last = undefined
    }
    return true
  }

  #lookUp(ids: readonly Buffer[], visit: Visit): boolean {
    while (this.#interval < ids.length) {
      const id = ids[this.#interval++]
      const record = id && this.#collection.find(id)
      if (record === undefined) continue
      this.keysExamined++
      if (!this.#fetch(record, visit)) return false
    }
    return true
  }

  #stretch(interval: Interval, visit: Visit): boolean {
    const range = this.#rangeOf(interval)
    const { index } = this.#plan
    if (index === undefined) return this.#documents(range, visit)
    return index.definition.unique ? this.#unique(index, range, visit) : this.#entries(index, range, visit)
  }

  #documents(range: Range, visit: Visit): boolean {
    for (const { key, value } of this.#collection.documents.getRange(range)) {
      this.#last = key
      this.documentsExamined++
      if (!visit(decodeRecordNumber(key), value)) return false
    }
    return true
  }

  #entries({ table }: Index, range: Range, visit: Visit): boolean {
    for (const key of table.getKeys(range)) {
      this.#last = key
      this.keysExamined++
      if (!this.#fetch(recordOfKey(key), visit)) return false
    }
    return true
  }

  #unique({ table }: Index, range: Range, visit: Visit): boolean {
    for (const { key, value } of table.getRange(range)) {
      this.#last = key
      this.keysExamined++
      if (!this.#fetch(decodeRecordNumber(value), visit)) return false
    }
    return true
  }

  #fetch(record: number, visit: Visit): boolean {
    if (this.#seen?.has(record)) return true
    this.#seen?.add(record)
    const document = this.#collection.get(record)
    if (document === undefined) return true
    this.documentsExamined++
    return visit(record, document)
  }

  #rangeOf({ start, end }: Interval): Range {
    const last = this.#last
    return this.#plan.reverse
      ? { start: last ?? end, end: start, reverse: true, exclusiveStart: true, inclusiveEnd: true }
      : { start: last ?? start, end, exclusiveStart: last !== undefined }
  }
}
