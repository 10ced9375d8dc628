import { isDocument } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, isNumeric, typeNameOf, type RawValue } from '../bson/types.ts'
import { numberOf, textOf } from '../bson/values.ts'
import type { Collection, Index } from '../engine/collection.ts'
import type { Hint } from '../engine/planner.ts'
import { MongoError } from '../errors.ts'

/** The hint of a command: an index by name or by its keys, or `{ $natural: ±1 }`. */
export function resolveHint(collection: Collection, hint: RawValue | undefined): Hint | undefined {
  if (hint === undefined || hint.type === BsonType.null) return undefined
  if (hint.type === BsonType.string)
    return indexHint(collection, ({ definition }) => definition.name === textOf(hint))
  if (!isDocument(hint))
    throw new MongoError(
      'FailedToParse',
      `Hint must be a string or an object, found ${typeNameOf(hint.type)}`,
    )
  const keys = keysOf(hint)
  if (keys.length === 0) return undefined
  const [[name, direction] = []] = keys
  if (name === '$natural') return { natural: direction === -1 ? -1 : 1 }
  return indexHint(
    collection,
    ({ definition: { fields } }) =>
      fields.length === keys.length &&
      fields.every((field, i) => field.name === keys[i]?.[0] && (field.descending ? -1 : 1) === keys[i][1]),
  )
}

function keysOf(hint: RawValue): [name: string, direction: number][] {
  const keys: [string, number][] = []
  const reader = new ElementReader(hint.bytes, hint.start)
  while (reader.next()) keys.push([reader.name(), isNumeric(reader.type) ? numberOf(reader.value()) : 0])
  return keys
}

function indexHint(collection: Collection, isMeant: (index: Index) => boolean): Hint {
  const index = [collection.primary, ...collection.indexes].find(isMeant)
  if (index === undefined)
    throw new MongoError(
      'BadValue',
      `error processing query: ns=${collection.namespace}: planner returned error :: caused by :: hint provided does not correspond to an existing index`,
    )
  return { index }
}
