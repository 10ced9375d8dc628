import { assertWellFormed, fieldOf } from '../bson/element-reader.ts'
import { withLeadingId } from '../bson/document.ts'
import type { Fields } from '../bson/codec.ts'
import type { RawDocument, RawValue } from '../bson/types.ts'
import type { Collection } from '../engine/collection.ts'
import { idOf } from '../engine/collection.ts'
import { compileFilter, type Filter } from '../engine/filter.ts'
import { findAll, type Found } from '../engine/query.ts'
import type { SortField } from '../engine/sort.ts'
import { documentToInsert } from '../engine/update/upsert.ts'
import { applyUpdate, parseUpdate, type Update } from '../engine/update/update.ts'
import { MongoError } from '../errors.ts'

/** What one operation did. */
export interface Outcome {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly matched: number
  readonly modified: number
  readonly upsertedId?: RawValue
}

/** One insert, update or delete, decided when all earlier ones are. Every write command is made of these. */
export type Operation = (collection: Collection) => Outcome

export function insertOperation(document: RawDocument): Operation {
  return (collection) => {
    assertWellFormed(document)
    const stored = withLeadingId(document)
    idOf(stored)
    collection.insert(stored)
    return { kind: 'insert', matched: 0, modified: 1 }
  }
}

export interface UpdateRequest {
  readonly filter: RawDocument
  readonly update: RawValue
  readonly multi: boolean
  readonly upsert: boolean
  readonly sort: readonly SortField[]
  readonly arrayFilters: readonly Fields[]
}

export function updateOperation({
  filter: raw,
  update: how,
  multi,
  upsert,
  sort,
  arrayFilters,
}: UpdateRequest): Operation {
  return (collection) => {
    const filter = compileFilter(raw)
    const update = parseUpdate(how, arrayFilters)
    if (multi && update.kind === 'replacement')
      throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update')
    const found = findAll(collection, filter, sort, multi ? 0 : 1)
    if (found.length === 0 && upsert) return upserted(collection, filter, update)
    const modified = found.filter((one) => changed(collection, one, update, filter)).length
    return { kind: 'update', matched: found.length, modified }
  }
}

export function deleteOperation(raw: RawDocument, limit: number, sort: readonly SortField[] = []): Operation {
  return (collection) => {
    const found = findAll(collection, compileFilter(raw), sort, limit)
    for (const { record, document } of found) collection.remove(record, document)
    return { kind: 'delete', matched: found.length, modified: found.length }
  }
}

function changed(collection: Collection, { record, document }: Found, update: Update, filter: Filter): boolean {
  const next = applyUpdate(update, document, filter)
  if (next === document) return false
  collection.replace(record, document, next)
  return true
}

function upserted(collection: Collection, filter: Filter, update: Update): Outcome {
  const document = documentToInsert(filter, update)
  collection.insert(document)
  const upsertedId = fieldOf(document, '_id')
  return { kind: 'update', matched: 0, modified: 0, ...(upsertedId && { upsertedId }) }
}
