import { fieldOf } from '../../bson/element-reader.ts'
import { isFields, toRaw, toValue, type Fields } from '../../bson/codec.ts'
import { withLeadingId } from '../../bson/document.ts'
import type { RawDocument } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import type { Filter } from '../filter.ts'
import { encodeValue } from '../keys/encode.ts'
import { applyUpdate, type Update } from './update.ts'

/** The document that an upsert inserts when nothing matched: what the filter says to be equal, then the update. */
export function documentToInsert(filter: Filter, update: Update): RawDocument {
  const id = filter.predicates.find(({ field, comparison }) => field === '_id' && comparison === '$eq')
    ?.values[0]
  if (update.kind !== 'replacement') return withLeadingId(applyUpdate(update, seed(filter), filter, true))
  const own = fieldOf(update.document, '_id')
  if (own && id && !encodeValue(own).equals(encodeValue(id)))
    throw new MongoError(
      'ImmutableField',
      "The _id field cannot be changed from the filter's value by a replacement",
    )
  return withLeadingId(update.document, id)
}

function seed(filter: Filter): RawDocument {
  const equal = filter.predicates.filter(
    ({ comparison, values }) => comparison === '$eq' && values.length === 1,
  )
  if (equal.some(({ field }) => field.includes('.')))
    return nestedSeed(equal.map(({ field, values }) => [field, values[0] && toValue(values[0])]))
  const out = new BsonWriter()
  const written = new Set<string>()
  for (const { field, values } of equal) {
    const value = values[0]
    if (value === undefined) continue
    if (written.has(field))
      throw new MongoError('BadValue', `cannot infer query fields to set, path '${field}' is matched twice`)
    written.add(field)
    out.value(field, value)
  }
  return out.finish()
}

function nestedSeed(fields: readonly (readonly [string, unknown])[]): RawDocument {
  const root: Fields = {}
  for (const [name, value] of fields) {
    const path = name.split('.')
    const last = path.pop() ?? name
    let at = root
    for (const segment of path) {
      const inner = at[segment]
      at = isFields(inner) ? inner : (at[segment] = {})
    }
    at[last] = value
  }
  return toRaw(root)
}
