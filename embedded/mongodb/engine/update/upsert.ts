import { fieldOf } from '../../bson/element-reader.ts'
import { withLeadingId } from '../../bson/document.ts'
import type { RawDocument, RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import { equalValues } from '../compare.ts'
import type { Filter } from '../filter.ts'
import { pathOf } from '../paths.ts'
import { isContainer, ObjectNode, opened, type Container } from './tree.ts'
import { applyUpdate, type Update } from './update.ts'

/** The document that an upsert inserts when nothing matched: what the filter says to be equal, then the update. */
export function documentToInsert(filter: Filter, update: Update): RawDocument {
  if (update.kind === 'replacement') return replacementToInsert(filter, update.document)
  const seed = seedOf(filter)
  const document = applyUpdate(update, seed, filter, true)
  const [before, after] = [fieldOf(seed, '_id'), fieldOf(document, '_id')]
  if (before && (after === undefined || !equalValues(before, after))) throw changedId()
  return withLeadingId(document)
}

function replacementToInsert(filter: Filter, replacement: RawDocument): RawDocument {
  const id = equalities(filter).find(([field]) => field === '_id')?.[1]
  const own = fieldOf(replacement, '_id')
  if (own && id && !equalValues(own, id)) throw changedId()
  return withLeadingId(replacement, id)
}

function changedId(): MongoError {
  return new MongoError(
    'ImmutableField',
    "Performing an update on the path '_id' would modify the immutable field '_id'",
  )
}

function seedOf(filter: Filter): RawDocument {
  const root = new ObjectNode()
  for (const [field, value] of equalities(filter)) {
    const path = pathOf(field)
    const last = path.at(-1) ?? field
    const parent = path.slice(0, -1).reduce<Container>((at, segment) => into(at, segment, field), root)
    if (parent.get(last) !== undefined) throw ambiguous(field)
    parent.set(last, value)
  }
  return root.bytes()
}

function into(parent: Container, segment: string, field: string): Container {
  const inner = opened(parent, segment)
  if (isContainer(inner)) return inner
  if (parent.get(segment) !== undefined) throw ambiguous(field)
  const fresh = new ObjectNode()
  parent.set(segment, fresh)
  return fresh
}

function ambiguous(field: string): MongoError {
  return new MongoError(
    'NotSingleValueField',
    `cannot infer query fields to set, path '${field}' is matched twice`,
  )
}

/** The fields that the filter fixes, by `$eq`, or by an `$in` or `$or` that leaves no choice. */
function equalities(filter: Filter): (readonly [field: string, value: RawValue])[] {
  const own = filter.equalities
  const branches = filter.alternatives.filter((branch) => branch.length === 1).flat()
  return [...own, ...branches.flatMap(equalities)]
}
