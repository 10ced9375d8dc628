import { nested, type Fields } from '../../bson/codec.ts'
import { withLeadingId } from '../../bson/document.ts'
import { ElementReader, assertWellFormed, fieldOf } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import { equalValues } from '../compare.ts'
import type { Filter } from '../filter.ts'
import { parseArrayFilters, type ElementTests } from './array-filters.ts'
import { compileOperators, type Operators } from './operators.ts'
import { compilePipeline, type Pipeline } from './pipeline.ts'
import { matchedPlace } from './positional.ts'

/** What a client asked to be done to a document. */
export type Update =
  | { readonly kind: 'replacement'; readonly document: RawDocument }
  | {
      readonly kind: 'operators'
      readonly operators: Operators
      readonly elementTests: ElementTests
      readonly now: number
    }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }

export interface UpdateOptions {
  readonly arrayFilters?: readonly RawDocument[]
  /** The variables of the command's `let`. */
  readonly variables?: Fields | undefined
  /** Milliseconds since 1970, for `$currentDate` and `$$NOW`. */
  readonly now: number
}

export function parseUpdate(value: RawValue, { arrayFilters = [], variables, now }: UpdateOptions): Update {
  const bytes = nested(value)
  if (value.type === BsonType.array) {
    if (arrayFilters.length > 0)
      throw new MongoError('FailedToParse', 'arrayFilters may not be specified for pipeline-style updates')
    return { kind: 'pipeline', pipeline: compilePipeline(bytes, variables, now) }
  }
  if (value.type !== BsonType.object)
    throw new MongoError('FailedToParse', 'Update argument must be either an object or an array')
  assertWellFormed(bytes)
  const reader = new ElementReader(bytes)
  if (!reader.next() || bytes[reader.nameStart] !== 0x24)
    return { kind: 'replacement', document: checkedReplacement(bytes, arrayFilters) }
  const elementTests = parseArrayFilters(arrayFilters)
  return { kind: 'operators', operators: compileOperators(bytes, elementTests), elementTests, now }
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
  const keepsId = before === undefined || (after !== undefined && equalValues(before, after))
  if (keepsId) return withLeadingId(next)
  throw new MongoError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  )
}

function changed(update: Update, document: RawDocument, filter: Filter, inserting: boolean): RawDocument {
  switch (update.kind) {
    case 'replacement':
      return replaced(document, update.document)
    case 'operators': {
      const { elementTests, now } = update
      return update.operators({
        document,
        inserting,
        now,
        matchedPlace: () => (inserting ? undefined : matchedPlace(filter.raw, document)),
        elementTest: (identifier) => elementTests.get(identifier),
      })
    }
    default:
      return update.pipeline(document)
  }
}

function replaced(document: RawDocument, replacement: RawDocument): RawDocument {
  const own = fieldOf(replacement, '_id')
  const id = fieldOf(document, '_id')
  if (own && id && !equalValues(own, id))
    throw new MongoError(
      'ImmutableField',
      "After applying the update, the (immutable) field '_id' was found to have been altered",
    )
  return withLeadingId(replacement, id)
}

function checkedReplacement(bytes: RawDocument, arrayFilters: readonly RawDocument[]): RawDocument {
  if (arrayFilters.length > 0)
    throw new MongoError('FailedToParse', 'arrayFilters may not be specified for replacement-style updates')
  const reader = new ElementReader(bytes)
  while (reader.next())
    if (bytes[reader.nameStart] === 0x24)
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${reader.name()}' in '${reader.name()}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      )
  return bytes
}
