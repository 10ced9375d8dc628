import { isDocument, type Fields } from '../bson/codec.ts'
import { withLeadingId } from '../bson/document.ts'
import { ElementReader, assertWellFormed, fieldOf } from '../bson/element-reader.ts'
import type { RawDocument, RawValue } from '../bson/types.ts'
import { idOf, type Collection } from '../engine/collection.ts'
import { compileFilter, type Filter } from '../engine/filter.ts'
import { Search } from '../engine/query.ts'
import type { SortField } from '../engine/sort.ts'
import { applyUpdate, parseUpdate, type Update } from '../engine/update/update.ts'
import { documentToInsert } from '../engine/update/upsert.ts'
import { MongoError } from '../errors.ts'
import { resolveHint } from './hint.ts'

/** What one write did. */
export interface Outcome {
  readonly kind: 'insert' | 'update' | 'delete'
  readonly matched: number
  readonly modified: number
  readonly upsertedId?: RawValue
  /** Of a write of one document: what it was, and what it became. */
  readonly before?: RawDocument | undefined
  readonly after?: RawDocument | undefined
}

export interface Insert {
  readonly kind: 'insert'
  readonly insert: (collection: Collection) => Outcome
}

/** An update or delete: what it finds, and what is done to each document found. */
export interface Change {
  readonly kind: 'update' | 'delete'
  readonly many: boolean
  readonly filter: Filter
  readonly search: (collection: Collection) => Search
  /** The document after it, the same object if it stays as it is, undefined if it is gone. */
  readonly apply: (collection: Collection, record: number, document: RawDocument) => RawDocument | undefined
  /** Whether it would change the document: what `explain` tells without doing it. */
  readonly wouldModify: (document: RawDocument) => boolean
  /** What is inserted where nothing was found. */
  readonly upsert?: (collection: Collection) => Outcome
}

/** One insert, update or delete as it was asked for. Every write command is made of these. */
export interface Write {
  /** It may make the collection. */
  readonly creates: boolean
  /** Throws for what is wrong with this one: the others of a batch go on. */
  readonly compile: () => Insert | Change
}

export function insertWrite(document: RawDocument): Write {
  const insert = (collection: Collection): Outcome => {
    assertWellFormed(document)
    const stored = withLeadingId(document)
    idOf(stored)
    refuseOperatorsInId(stored)
    collection.insert(stored)
    return { kind: 'insert', matched: 0, modified: 1 }
  }
  return { creates: true, compile: () => ({ kind: 'insert', insert }) }
}

function refuseOperatorsInId(document: RawDocument): void {
  const id = fieldOf(document, '_id')
  if (!isDocument(id)) return
  const reader = new ElementReader(id.bytes, id.start)
  while (reader.next())
    if (reader.bytes[reader.nameStart] === 0x24)
      throw new MongoError(
        'DollarPrefixedFieldName',
        `_id fields may not contain '$'-prefixed fields: ${reader.name()} is not valid for storage.`,
      )
}

interface Selection {
  readonly filter: RawDocument
  readonly many: boolean
  readonly sort?: readonly SortField[]
  readonly hint: RawValue | undefined
  readonly variables: Fields | undefined
}

export interface UpdateRequest extends Selection {
  readonly update: RawValue
  readonly upsert: boolean
  readonly arrayFilters: readonly RawDocument[]
  /** Milliseconds since 1970. */
  readonly now: number
}

export function updateWrite(request: UpdateRequest): Write {
  const { update: how, many, upsert, arrayFilters, variables, now } = request
  const compile = (): Change => {
    const filter = compileFilter(request.filter, variables)
    const update = parseUpdate(how, { arrayFilters, variables, now })
    if (many && update.kind === 'replacement')
      throw new MongoError('FailedToParse', 'multi update is not supported for replacement-style update')
    if (many && request.sort && request.sort.length > 0)
      throw new MongoError('FailedToParse', 'Cannot specify sort with multi=true')
    return {
      kind: 'update',
      many,
      filter,
      search: searching(request, filter),
      apply: (collection, record, document) => updated(collection, record, document, update, filter),
      wouldModify: (document) => applyUpdate(update, document, filter) !== document,
      ...(upsert && { upsert: (collection: Collection) => upserted(collection, filter, update) }),
    }
  }
  return { creates: upsert, compile }
}

export function deleteWrite(request: Selection): Write {
  const compile = (): Change => {
    const filter = compileFilter(request.filter, request.variables)
    return {
      kind: 'delete',
      many: request.many,
      filter,
      search: searching(request, filter),
      apply: (collection, record, document) => {
        collection.remove(record, document)
        return undefined
      },
      wouldModify: () => true,
    }
  }
  return { creates: false, compile }
}

function searching({ many, sort = [], hint }: Selection, filter: Filter): (collection: Collection) => Search {
  return (collection) =>
    new Search(collection, {
      filter,
      sort,
      skip: 0,
      limit: many ? 0 : 1,
      hint: resolveHint(collection, hint),
    })
}

function updated(
  collection: Collection,
  record: number,
  document: RawDocument,
  update: Update,
  filter: Filter,
): RawDocument {
  const next = applyUpdate(update, document, filter)
  if (next !== document) collection.replace(record, document, next)
  return next
}

function upserted(collection: Collection, filter: Filter, update: Update): Outcome {
  const after = documentToInsert(filter, update)
  idOf(after)
  collection.insert(after)
  const upsertedId = fieldOf(after, '_id')
  return { kind: 'update', matched: 0, modified: 0, after, ...(upsertedId && { upsertedId }) }
}
