import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import type { Collection, Index } from './collection.ts'
import type { Filter } from './filter.ts'
import type { Operation } from './operation.ts'
import { planBranches, planQuery, type Hint, type Plan } from './planner.ts'
import { Scan } from './scan.ts'
import type { SortField } from './sort.ts'
import { Sorter } from './sorter.ts'
import { listed, type ResultStream } from './stream.ts'

export interface Query {
  readonly filter: Filter
  readonly sort: readonly SortField[]
  readonly skip: number
  /** 0 for no limit. */
  readonly limit: number
  readonly hint?: Hint | undefined
}

export interface Found {
  readonly document: RawDocument
  readonly record: number
}

/** Takes one document and the number of its record; true to go on. */
type Take = (document: RawDocument, record: number) => boolean

/**
 * A query at work: the documents that match, in order, as far as they are asked for. It can pause between any two
 * documents and go on later; what it counts on the way is what `explain` shows.
 */
export class Search implements ResultStream {
  readonly query: Query
  /** One, or one for each branch of an `$or`. */
  readonly plans: readonly Plan[]
  readonly scans: readonly Scan[]
  readonly sorter: Sorter<Found> | undefined
  returned = 0
  skipped = 0
  matched = 0
  readonly #matches: (document: RawDocument, branch: number) => boolean
  #branch = 0
  #ordered: Iterator<Found> | undefined

  constructor(collection: Collection, query: Query) {
    this.query = naturally(query)
    const { filter, sort, skip, limit, hint } = this.query
    const plan = planQuery(collection, filter, sort, hint)
    const either = plan.bounded || hint ? undefined : planBranches(collection, filter)
    this.plans = either?.plans ?? [plan]
    this.scans = this.plans.map((one) => new Scan(collection, one))
    for (const { index } of this.plans) if (index) uses.set(index, usesOf(index) + 1)
    const ordered = sort.length === 0 || (plan.sorted && either === undefined)
    this.sorter = ordered ? undefined : new Sorter(sort, limit === 0 ? 0 : skip + limit)
    this.#matches = either
      ? eachOnce(filter, either.branches)
      : (document) => plan.exact || filter.test(document)
  }

  run(take: Take, operation: Operation): boolean {
    if (this.sorter === undefined)
      return this.#isEnough() || this.#find(this.#page(take), operation) || this.#isEnough()
    if (this.#ordered === undefined) {
      const { sorter } = this
      const gather: Take = (document, record) => {
        sorter.add({ document, record })
        return true
      }
      if (!this.#find(gather, operation)) return false
      this.#ordered = sorter.sorted().values()
    }
    return this.#deliver(this.#ordered, this.#page(take))
  }

  #isEnough(): boolean {
    return this.query.limit !== 0 && this.returned >= this.query.limit
  }

  /** All that match, in the order of the plan. */
  #find(take: Take, operation: Operation): boolean {
    for (; this.#branch < this.scans.length; this.#branch++) {
      const finished = this.scans[this.#branch]?.run((record, document) => {
        if (this.#matches(document, this.#branch)) {
          this.matched++
          if (!take(document, record)) return false
        }
        return !operation.step()
      })
      if (!finished) return false
    }
    return true
  }

  /** Leaves out what is to be skipped, and ends at the limit. */
  #page(take: Take): Take {
    return (document, record) => {
      if (this.skipped < this.query.skip) {
        this.skipped++
        return true
      }
      this.returned++
      return take(document, record) && !this.#isEnough()
    }
  }

  #deliver(found: Iterator<Found>, take: Take): boolean {
    for (let next = found.next(); !next.done; next = found.next())
      if (!take(next.value.document, next.value.record)) return this.#isEnough()
    return true
  }
}

/** `$natural` in a sort is a hint in other words. */
function naturally(query: Query): Query {
  const natural = query.sort.find(({ name }) => name === '$natural')
  if (natural === undefined) return query
  if (query.sort.length > 1) throw new MongoError('BadValue', 'Cannot include $natural in compound sort')
  if (query.hint && 'index' in query.hint)
    throw new MongoError('BadValue', 'Sort on $natural cannot be used together with a hint of an index')
  return { ...query, sort: [], hint: { natural: natural.descending ? -1 : 1 } }
}

const uses = new WeakMap<Index, number>()

/** How many searches have used an index since the node started. */
export function usesOf(index: Index): number {
  return uses.get(index) ?? 0
}

/** A document is delivered by the first branch that it matches: the scan of another one may lead to it as well. */
function eachOnce(
  filter: Filter,
  branches: readonly Filter[],
): (document: RawDocument, branch: number) => boolean {
  return (document, branch) =>
    filter.test(document) && branches.findIndex((one) => one.test(document)) === branch
}

/** The documents of a query as a stream. */
export function runQuery(collection: Collection, query: Query): Search {
  return new Search(collection, query)
}

/** How many match, as what `made` makes of it; the whole collection is not read for it. */
export function countStream(
  collection: Collection,
  query: Query,
  made: (count: number) => readonly RawDocument[],
): ResultStream {
  const { filter, skip, limit, hint } = query
  const all = filter.complete && filter.predicates.length === 0 && hint === undefined
  if (all) {
    const count = Math.max(0, collection.count - skip)
    return listed(() => made(limit === 0 ? count : Math.min(count, limit)))
  }
  const search = new Search(collection, { ...query, sort: [] })
  const result = listed(() => made(search.returned))
  return { run: (take, operation) => search.run(() => true, operation) && result.run(take, operation) }
}
