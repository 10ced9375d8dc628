import { Long } from 'bson'
import type { Fields } from '../../bson/codec.ts'
import type { Index } from '../collection.ts'
import type { Plan } from '../planner.ts'
import type { Search } from '../query.ts'
import type { Scan } from '../scan.ts'
import { mostBytesInMemory } from '../sorter.ts'
import { indexBounds } from './index-bounds.ts'
import { parsedQuery } from './parsed-query.ts'

/** The stages of a search as `explain` shows them, from the last to the first; with what they did, once it has run. */
export function planTree(search: Search, executed: boolean): Fields {
  const { sort, skip, limit } = search.query
  const nReturned = executed ? { nReturned: search.returned } : {}
  let tree = foundBy(search, executed)
  if (search.sorter) {
    const sorted = {
      sortPattern: Object.fromEntries(sort.map(({ name, descending }) => [name, descending ? -1 : 1])),
      memLimit: Long.fromNumber(mostBytesInMemory),
      ...(limit > 0 && { limitAmount: Long.fromNumber(skip + limit) }),
      type: 'simple',
      ...(executed && { totalDataSizeSorted: Long.fromNumber(search.sorter.size), usedDisk: false }),
    }
    tree = {
      stage: 'SORT',
      ...(executed && { nReturned: search.returned + Math.min(skip, search.skipped) }),
      ...sorted,
      inputStage: tree,
    }
  }
  if (skip > 0) tree = { stage: 'SKIP', ...nReturned, skipAmount: Long.fromNumber(skip), inputStage: tree }
  if (limit > 0 && !search.sorter)
    tree = { stage: 'LIMIT', ...nReturned, limitAmount: Long.fromNumber(limit), inputStage: tree }
  return tree
}

/** What all scans of a search have examined. */
export function examined({ scans }: Search): { totalKeysExamined: number; totalDocsExamined: number } {
  return {
    totalKeysExamined: scans.reduce((sum, { keysExamined }) => sum + keysExamined, 0),
    totalDocsExamined: scans.reduce((sum, { documentsExamined }) => sum + documentsExamined, 0),
  }
}

function foundBy(search: Search, executed: boolean): Fields {
  const { plans, scans, query } = search
  const [plan] = plans
  const [scan] = scans
  if (plan === undefined || scan === undefined) return { stage: 'EOF' }
  if (plans.length > 1) return either(search, executed)
  const matched = executed ? { nReturned: search.matched } : {}
  const filter = plan.exact ? {} : { filter: parsedQuery(query.filter.raw) }
  if (plan.index === undefined)
    return {
      stage: 'COLLSCAN',
      ...(query.filter.raw.length > 5 && filter),
      ...matched,
      direction: plan.reverse ? 'backward' : 'forward',
      ...(executed && { docsExamined: scan.documentsExamined }),
    }
  if (isExpress(plan, search))
    return {
      stage: 'EXPRESS_IXSCAN',
      ...matched,
      keyPattern: '{ _id: 1 }',
      indexName: '_id_',
      ...(executed && { keysExamined: scan.keysExamined, docsExamined: scan.documentsExamined }),
    }
  return {
    stage: 'FETCH',
    ...filter,
    ...matched,
    ...(executed && { docsExamined: scan.documentsExamined }),
    inputStage: indexScan(plan, plan.index, scan, executed),
  }
}

/** A branch of an `$or` each, and what they find looked at by the whole filter. */
function either(search: Search, executed: boolean): Fields {
  const { plans, scans, query } = search
  const inputStages = plans.flatMap((plan, i) => {
    const scan = scans[i]
    return plan.index && scan ? [indexScan(plan, plan.index, scan, executed)] : []
  })
  const matched = executed ? { nReturned: search.matched } : {}
  const fetch = {
    stage: 'FETCH',
    filter: parsedQuery(query.filter.raw),
    ...matched,
    ...(executed && { docsExamined: examined(search).totalDocsExamined }),
    inputStage: { stage: 'OR', inputStages },
  }
  return { stage: 'SUBPLAN', ...matched, inputStage: fetch }
}

/** One `_id` and nothing else is asked for. */
function isExpress(plan: Plan, { query }: Search): boolean {
  const [only, ...more] = query.filter.predicates
  return (
    plan.ids?.length === 1 &&
    plan.exact &&
    more.length === 0 &&
    only?.comparison === '$eq' &&
    query.hint === undefined
  )
}

function indexScan(plan: Plan, index: Index, scan: Scan, executed: boolean): Fields {
  const { definition, multikey } = index
  return {
    stage: 'IXSCAN',
    ...(executed && { nReturned: scan.keysExamined }),
    keyPattern: Object.fromEntries(
      definition.fields.map(({ name, descending }) => [name, descending ? -1 : 1]),
    ),
    indexName: definition.name,
    isMultiKey: multikey,
    isUnique: definition.unique,
    isSparse: definition.sparse,
    isPartial: definition.partial !== undefined,
    indexVersion: 2,
    direction: plan.reverse ? 'backward' : 'forward',
    indexBounds: indexBounds(index, plan.filter, plan.reverse),
    ...(executed && { keysExamined: scan.keysExamined }),
  }
}
