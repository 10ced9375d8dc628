import { nested, toFields, type Fields } from '../../bson/codec.ts'
import { withLeadingId } from '../../bson/document.ts'
import { ElementReader, assertWellFormed, fieldOf } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import type { Filter } from '../filter.ts'
import { encodeValue } from '../keys/encode.ts'
import { plainChanges, type PlainChanges } from './plain.ts'
import { applyOperators, applyPipeline } from './with-mingo.ts'

/** What a client asked to be done to a document. */
export type Update =
  | { readonly kind: 'replacement'; readonly document: RawDocument }
  | { readonly kind: 'plain'; readonly changes: PlainChanges }
  | { readonly kind: 'operators'; readonly operators: Fields; readonly arrayFilters: readonly Fields[] }
  | { readonly kind: 'pipeline'; readonly stages: readonly Fields[] }

export function parseUpdate(value: RawValue, arrayFilters: readonly Fields[] = []): Update {
  const bytes = nested(value)
  assertWellFormed(bytes)
  if (value.type === BsonType.array) return { kind: 'pipeline', stages: documentsIn(bytes) }
  if (value.type !== BsonType.object)
    throw new MongoError('FailedToParse', 'Update argument must be either an object or an array')
  const reader = new ElementReader(bytes)
  if (!reader.next() || !reader.name().startsWith('$'))
    return { kind: 'replacement', document: checkedReplacement(bytes) }
  const changes = plainChanges(bytes)
  return changes
    ? { kind: 'plain', changes }
    : { kind: 'operators', operators: toFields(bytes), arrayFilters }
}

/** The document after the update; the same object if nothing changes. `inserting` is true while it is made by an upsert. */
export function applyUpdate(
  update: Update,
  document: RawDocument,
  filter: Filter,
  inserting = false,
): RawDocument {
  const next = changed(update, document, filter, inserting)
  if (next.equals(document)) return document
  const before = fieldOf(document, '_id')
  const after = fieldOf(next, '_id')
  if (before && after && encodeValue(before).equals(encodeValue(after))) return withLeadingId(next)
  if (before === undefined && after) return withLeadingId(next)
  throw new MongoError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  )
}

function changed(update: Update, document: RawDocument, filter: Filter, inserting: boolean): RawDocument {
  switch (update.kind) {
    case 'replacement':
      return withLeadingId(update.document, fieldOf(document, '_id'))
    case 'plain':
      return update.changes(document, inserting)
    case 'operators':
      return applyOperators(update.operators, update.arrayFilters, document, filter, inserting)
    default:
      return applyPipeline(update.stages, document)
  }
}

function checkedReplacement(bytes: RawDocument): RawDocument {
  const reader = new ElementReader(bytes)
  while (reader.next())
    if (bytes[reader.nameStart] === 0x24)
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${reader.name()}' is not allowed in the context of an update's replacement document.`,
      )
  return bytes
}

function documentsIn(array: RawDocument): Fields[] {
  const stages: Fields[] = []
  const reader = new ElementReader(array)
  while (reader.next()) {
    if (reader.type !== BsonType.object)
      throw new MongoError('TypeMismatch', 'Each element of the pipeline array must be an object')
    stages.push(toFields(nested(reader.value())))
  }
  return stages
}
