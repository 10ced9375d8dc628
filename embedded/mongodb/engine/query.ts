import type { RawDocument } from '../bson/types.ts'
import type { Collection } from './collection.ts'
import type { Filter } from './filter.ts'
import { planQuery } from './planner.ts'
import { Scan } from './scan.ts'
import { sortDocuments, type SortField } from './sort.ts'

export interface Query {
  readonly filter: Filter
  readonly sort: readonly SortField[]
  readonly skip: number
  /** 0 for no limit. */
  readonly limit: number
}

export interface Found {
  readonly record: number
  readonly document: RawDocument
}

/** Delivers documents one after another; true while the taker wants more. */
export interface ResultStream {
  /** False if the taker stopped it, true at the end. */
  run(take: (document: RawDocument) => boolean): boolean
}

/** The documents of a query, in order, as far as they are asked for. */
export function runQuery(collection: Collection, query: Query): ResultStream {
  const { filter, sort, skip, limit } = query
  const plan = planQuery(collection, filter, sort)
  const scan = new Scan(collection, plan)
  const matches = (document: RawDocument): boolean => plan.exact || filter.test(document)
  if (sort.length > 0 && !plan.sorted) return listed(() => sorted(scan, matches, query))
  let toSkip = skip
  let left = limit === 0 ? Infinity : limit
  return {
    run: (take) =>
      left <= 0 ||
      scan.run((_, document) => {
        if (!matches(document) || toSkip-- > 0) return true
        left--
        return take(document) && left > 0
      }) ||
      left <= 0,
  }
}

function sorted(
  scan: Scan,
  matches: (document: RawDocument) => boolean,
  { sort, skip, limit }: Query,
): RawDocument[] {
  const all: RawDocument[] = []
  scan.run((_, document) => {
    if (matches(document)) all.push(document)
    return true
  })
  const ordered = sortDocuments(all, sort)
  return ordered.slice(skip, limit === 0 ? undefined : skip + limit)
}

/** A stream over a list that is made when first asked for. */
export function listed(make: () => readonly RawDocument[]): ResultStream {
  let list: readonly RawDocument[] | undefined
  let next = 0
  return {
    run: (take) => {
      list ??= make()
      while (next < list.length) {
        const document = list[next++]
        if (document && !take(document)) return next === list.length
      }
      return true
    },
  }
}

/** The documents that match, with their records: what an update or delete goes over. `limit` 0 is all. */
export function findAll(
  collection: Collection,
  filter: Filter,
  sort: readonly SortField[],
  limit: number,
): Found[] {
  const plan = planQuery(collection, filter, sort)
  const ordered = plan.sorted || sort.length === 0
  const found: Found[] = []
  new Scan(collection, plan).run((record, document) => {
    if (plan.exact || filter.test(document)) found.push({ record, document })
    return !ordered || limit === 0 || found.length < limit
  })
  if (ordered) return found
  const order = sortDocuments(
    found.map(({ document }) => document),
    sort,
  )
  const byDocument = new Map(found.map((one) => [one.document, one]))
  const inOrder = order.flatMap((document) => byDocument.get(document) ?? [])
  return limit === 0 ? inOrder : inOrder.slice(0, limit)
}

/** How many match; the whole collection is not read for it. */
export function countMatching(collection: Collection, query: Query): number {
  let count = 0
  if (query.filter.complete && query.filter.predicates.length === 0) {
    count = Math.max(0, collection.count - query.skip)
    return query.limit === 0 ? count : Math.min(count, query.limit)
  }
  runQuery(collection, query).run(() => {
    count++
    return true
  })
  return count
}
