import type { RawDocument } from '../bson/types.ts'
import type { Collection } from '../engine/collection.ts'
import type { Operation } from '../engine/operation.ts'
import type { Store } from '../engine/store.ts'
import { MongoError } from '../errors.ts'
import type { Change, Outcome, Write } from './write-operations.ts'

/** So many documents are changed in one transaction. */
const mostAtOnce = 1_000

/** A change that would keep the thread too long for one transaction. */
export interface Large {
  readonly large: Change
}

export function isLarge(result: Outcome | MongoError | Large): result is Large {
  return 'large' in result
}

interface Found {
  readonly record: number
  readonly document: RawDocument
}

/** Does the write within the current transaction. A refusal is an answer; anything else undoes the transaction. */
export function attempt(
  write: Write,
  collection: Collection | undefined,
  operation: Operation,
): Outcome | MongoError | Large {
  try {
    const compiled = write.compile()
    if (collection === undefined) return compiled.kind === 'insert' ? missingCollection() : nothing(compiled)
    if (compiled.kind === 'insert') return compiled.insert(collection)
    const found = find(compiled, collection, operation)
    if (found === undefined) return { large: compiled }
    return found.length === 0
      ? (compiled.upsert?.(collection) ?? nothing(compiled))
      : changeAll(compiled, collection, found)
  } catch (error) {
    if (error instanceof MongoError) return error
    throw error
  }
}

function missingCollection(): never {
  throw new Error('a collection is made before it is inserted into')
}

function nothing({ kind }: Change): Outcome {
  return { kind, matched: 0, modified: 0 }
}

/** All that the change is about, before the first of it is changed; undefined if that is too much for one go. */
function find(change: Change, collection: Collection, operation: Operation): Found[] | undefined {
  const search = change.search(collection)
  const found: Found[] = []
  const take = (document: RawDocument, record: number): boolean => {
    found.push({ record, document })
    return found.length < mostAtOnce
  }
  while (!search.run(take, operation)) {
    // An upsert has to know that there is nothing while nobody else can write.
    if (change.upsert === undefined || found.length >= mostAtOnce) return undefined
    operation.beginSlice()
  }
  return found
}

function changeAll(change: Change, collection: Collection, found: readonly Found[]): Outcome {
  const { kind } = change
  let modified = 0
  let after: RawDocument | undefined
  for (const { record, document } of found) {
    after = change.apply(collection, record, document)
    if (after !== document) modified++
  }
  const single = change.many ? {} : { before: found[0]?.document, after }
  return { kind, matched: found.length, modified, ...single }
}

interface Progress {
  readonly outcome: Outcome
  readonly refusal?: MongoError
}

/**
 * A change that is looked for outside of any transaction, with pauses, and done in transactions of a bounded size.
 * Each document is looked at again when its turn comes: it counts only if it is still what was asked for.
 */
export async function changeInSlices(
  store: Store,
  namespace: string,
  change: Change,
  operation: Operation,
): Promise<Outcome | MongoError> {
  try {
    let outcome = nothing(change)
    const changed = new Set<number>()
    for (;;) {
      const collection = store.catalog.get(namespace)
      if (collection === undefined) return outcome
      const search = change.search(collection)
      let finished = false
      let found = 0
      while (!finished) {
        const records: number[] = []
        finished = search.run((_, record) => {
          if (!changed.has(record)) records.push(record)
          return records.length < mostAtOnce
        }, operation)
        found += records.length
        if (records.length > 0) {
          const progress = await store.change(
            namespace,
            (current) => changeRecords(change, same(collection, current), records),
            records.length,
          )
          outcome = added(outcome, progress.outcome)
          if (progress.refusal) return progress.refusal
          // An index may lead to a document again, at the place where the change has put it.
          for (const record of records) changed.add(record)
        }
        await operation.pause()
      }
      // The one document that was found may have become another meanwhile: then the next one is looked for.
      if (change.many || found === 0 || outcome.matched > 0) return outcome
      changed.clear()
    }
  } catch (error) {
    if (error instanceof MongoError) return error
    throw error
  }
}

function same(before: Collection, now: Collection | undefined): Collection {
  if (now === before) return now
  throw new MongoError('QueryPlanKilled', 'collection dropped or renamed while it was being written to')
}

function changeRecords(change: Change, collection: Collection, records: readonly number[]): Progress {
  let outcome = nothing(change)
  for (const record of records) {
    const document = collection.get(record)
    if (document === undefined || !change.filter.test(document)) continue
    try {
      outcome = added(outcome, changeAll(change, collection, [{ record, document }]))
    } catch (error) {
      if (error instanceof MongoError) return { outcome, refusal: error }
      throw error
    }
  }
  return { outcome }
}

function added(a: Outcome, b: Outcome): Outcome {
  return { ...b, matched: a.matched + b.matched, modified: a.modified + b.modified }
}
