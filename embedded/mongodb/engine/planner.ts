import { MongoError } from '../errors.ts'
import { compareValues } from './compare.ts'
import type { Collection, Index } from './collection.ts'
import type { Filter } from './filter.ts'
import type { IndexField } from './index-definition.ts'
import { testOf, type Predicate } from './predicate.ts'
import { bracketOf, pointsOf, type Bounds } from './bounds.ts'
import { afterPrefix, inverted, tagOf } from './keys/encode.ts'
import type { SortField } from './sort.ts'

/** Keys from `start` up to, not including, `end`. */
export interface Interval {
  readonly start: Buffer
  readonly end: Buffer
}

/** How to find the documents of a query. */
export interface Plan {
  /** Undefined is all documents in their natural order, which is that of their age. */
  readonly index: Index | undefined
  readonly intervals: readonly Interval[]
  readonly reverse: boolean
  /** The scan delivers in the order that was asked for. */
  readonly sorted: boolean
  /** What the scan delivers needs no further test. */
  readonly exact: boolean
  /** It reads only a part of the index. */
  readonly bounded: boolean
  /** What it was planned for: of the branches of an `$or`, one. */
  readonly filter: Filter
  /** `_id` keys to look up one by one, instead of intervals. */
  readonly ids?: readonly Buffer[]
}

interface Candidate extends Plan {
  readonly equalities: number
  readonly ranged: boolean
}

/** More points than this are better scanned as one stretch. */
const mostIntervals = 100_000
const everyKey: Interval = { start: Buffer.from([0x01]), end: Buffer.from([0xff]) }
const everyRecord: Interval = { start: Buffer.from([0x00]), end: Buffer.from([0xff]) }

/** What the client wants to be used: an index, or the natural order. */
export type Hint = { readonly index: Index } | { readonly natural: 1 | -1 }

/** Longest equality prefix first, then a range, then the order asked for. `_id` wins whenever it is given. */
export function planQuery(
  collection: Collection,
  filter: Filter,
  sort: readonly SortField[],
  hint?: Hint,
): Plan {
  if (hint) return hinted(collection, filter, sort, hint)
  const primary = candidate(collection.primary, filter, sort)
  if (primary.equalities > 0) return byIds(primary)
  let best = naturalOrder(filter, sort)
  for (const index of [collection.primary, ...collection.indexes]) {
    if (!usable(index, filter)) continue
    const next = index === collection.primary ? primary : candidate(index, filter, sort)
    if (worth(next) > worth(best)) best = next
  }
  return best
}

/** A plan for each branch of an `$or`, if indexes serve all of them; the filter still has to look at what they find. */
export function planBranches(
  collection: Collection,
  filter: Filter,
): { readonly plans: readonly Plan[]; readonly branches: readonly Filter[] } | undefined {
  for (const branches of filter.alternatives) {
    const plans = branches.map((branch) => {
      const predicates = [...branch.predicates, ...filter.predicates]
      const present = [...branch.present, ...filter.present]
      const both = { ...branch, predicates, present, described: false, complete: false }
      return { ...planQuery(collection, both, []), sorted: false }
    })
    if (plans.every(({ bounded }) => bounded)) return { plans, branches }
  }
  return undefined
}

function hinted(collection: Collection, filter: Filter, sort: readonly SortField[], hint: Hint): Plan {
  if ('natural' in hint) return { ...naturalOrder(filter, sort), reverse: hint.natural === -1 }
  const { index } = hint
  if (index.definition.partial && !covers(index.definition.partial, filter))
    throw new MongoError(
      'NoQueryExecutionPlans',
      `error processing query: ns=${collection.namespace} planner returned error :: caused by :: No query solutions`,
    )
  const plan = candidate(index, filter, sort)
  return index === collection.primary && plan.equalities > 0 ? byIds(plan) : plan
}

function naturalOrder(filter: Filter, sort: readonly SortField[]): Candidate {
  return {
    index: undefined,
    filter,
    intervals: [everyRecord],
    reverse: false,
    sorted: sort.length === 0,
    exact: filter.complete && filter.predicates.length === 0,
    equalities: 0,
    ranged: false,
    bounded: false,
  }
}

function worth({ equalities, ranged, sorted }: Candidate): number {
  return equalities * 4 + (ranged ? 2 : 0) + (sorted ? 1 : 0)
}

/** A sparse or partial index holds every answer only if the filter asks for no more than the index keeps. */
function usable({ definition }: Index, filter: Filter): boolean {
  const { sparse, partial, fields } = definition
  if (sparse && !fields.some(({ name }) => needs(filter, name))) return false
  return !partial || covers(partial, filter)
}

/** What the filter lets through, the other one does as well. */
function covers(partial: Filter, filter: Filter): boolean {
  return (
    partial.described &&
    partial.present.every((field) => needs(filter, field)) &&
    partial.predicates.every((needed) => filter.predicates.some((given) => implies(given, needed)))
  )
}

/** Nothing that lacks the field gets through: whoever compares it with a value wants it to be there. */
function needs({ present, predicates }: Filter, field: string): boolean {
  return present.includes(field) || predicates.some((given) => given.field === field && given.exact)
}

function implies(given: Predicate, needed: Predicate): boolean {
  if (given.field !== needed.field) return false
  if (given.comparison === '$eq' || given.comparison === '$in') {
    const test = testOf(needed)
    return given.values.every(test)
  }
  const [own, other] = [given.values[0], needed.values[0]]
  if (own === undefined || other === undefined || given.comparison[1] !== needed.comparison[1]) return false
  if (needed.comparison === '$eq' || needed.comparison === '$in' || tagOf(own.type) !== tagOf(other.type))
    return false
  const order = compareValues(own, other) * (given.comparison[1] === 'g' ? 1 : -1)
  return (
    order > 0 || (order === 0 && (given.comparison === needed.comparison || needed.comparison.endsWith('e')))
  )
}

function candidate(index: Index, filter: Filter, sort: readonly SortField[]): Candidate {
  const { multikey, definition } = index
  const { fields } = definition
  const used = new Set<Predicate>()
  const fixed = new Set<string>()
  let prefixes: Buffer[] = [Buffer.alloc(0)]
  let intervals: Interval[] | undefined
  let equalities = 0
  for (const field of fields) {
    const mine = filter.predicates.filter((predicate) => predicate.field === field.name)
    const points = pointsOf(mine)
    if (points && prefixes.length * points.keys.length <= mostIntervals) {
      used.add(points.predicate)
      equalities++
      const keys = field.descending ? points.keys.map(inverted).toReversed() : points.keys
      prefixes = prefixes.flatMap((prefix) => keys.map((key) => Buffer.concat([prefix, key])))
      if (keys.length === 1) fixed.add(field.name)
      continue
    }
    const bounds = bracketOf(mine, multikey)
    if (bounds) {
      for (const predicate of bounds.used) used.add(predicate)
      intervals = prefixes.map((prefix) => ranged(prefix, bounds, field.descending))
    }
    break
  }
  const order = orderOf(fields, fixed, sort)
  return {
    index,
    filter,
    intervals:
      intervals ??
      (equalities === 0 ? [everyKey] : prefixes.map((start) => ({ start, end: afterPrefix(start) }))),
    reverse: order === 'reverse',
    sorted: order !== undefined && !multikey,
    exact: filter.complete && !multikey && used.size === filter.predicates.length,
    equalities,
    ranged: intervals !== undefined,
    bounded: equalities > 0 || intervals !== undefined,
  }
}

function ranged(prefix: Buffer, { low, high }: Bounds, descending: boolean): Interval {
  return descending
    ? {
        start: edge(prefix, inverted(high.key), !high.after),
        end: edge(prefix, inverted(low.key), !low.after),
      }
    : { start: edge(prefix, low.key, low.after), end: edge(prefix, high.key, high.after) }
}

function edge(prefix: Buffer, key: Buffer, after: boolean): Buffer {
  const joined = Buffer.concat([prefix, key])
  return after ? afterPrefix(joined) : joined
}

/** Whether reading the index forward or backward gives the order. */
function orderOf(
  fields: readonly IndexField[],
  fixed: ReadonlySet<string>,
  sort: readonly SortField[],
): 'forward' | 'reverse' | undefined {
  const wanted = sort.filter(({ name }) => !fixed.has(name))
  const have = fields.filter(({ name }) => !fixed.has(name))
  let direction: 'forward' | 'reverse' | undefined
  for (const [i, { name, descending }] of wanted.entries()) {
    const field = have[i]
    if (field === undefined || field.name !== name) return undefined
    const needed = field.descending === descending ? 'forward' : 'reverse'
    if (direction !== undefined && direction !== needed) return undefined
    direction = needed
    // Nothing comes after `_id`: no two documents share it.
    if (name === '_id') break
  }
  return direction ?? 'forward'
}

/** Whole `_id`s are looked up, not scanned. */
function byIds(plan: Candidate): Plan {
  const ids = plan.intervals.map(({ start }) => start)
  return { ...plan, ids: plan.reverse ? ids.toReversed() : ids }
}
