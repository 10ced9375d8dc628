import { elementsOf, isDocument, nested } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { arrayValue, documentValue } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { compileFilter } from '../filter.ts'
import { pathOf } from '../paths.ts'

/**
 * The place of the array element by which the filter found the document: of the first array on the way of the last
 * condition that goes through one, the first element that alone satisfies it.
 */
export function matchedPlace(filter: RawDocument, document: RawDocument): string | undefined {
  let place: string | undefined
  const reader = new ElementReader(filter)
  while (reader.next()) {
    const name = reader.name()
    const value = reader.value()
    place =
      (name.startsWith('$') ? inBranches(name, value, document) : inField(name, value, document)) ?? place
  }
  return place
}

function inBranches(operator: string, value: RawValue, document: RawDocument): string | undefined {
  if (value.type !== BsonType.array || (operator !== '$and' && operator !== '$or')) return undefined
  let place: string | undefined
  for (const branch of elementsOf(value).filter(isDocument)) {
    if (!compileFilter(nested(branch)).test(document)) continue
    place = matchedPlace(nested(branch), document) ?? place
    if (operator === '$or') break
  }
  return place
}

function inField(field: string, condition: RawValue, document: RawDocument): string | undefined {
  const path = pathOf(field)
  const array = firstArray(document, path)
  if (array === undefined) return undefined
  const { test } = compileFilter(new BsonWriter().value(field, condition).finish())
  const place = elementsOf(array.value).findIndex((element) =>
    test(holding(path.slice(0, array.depth + 1), new BsonWriter().value('0', element).finish())),
  )
  return place < 0 ? undefined : String(place)
}

function firstArray(
  document: RawDocument,
  path: readonly string[],
): { value: RawValue; depth: number } | undefined {
  let at: RawValue = documentValue(document)
  for (const [depth, segment] of path.entries()) {
    if (at.type !== BsonType.object) return undefined
    const reader = new ElementReader(at.bytes, at.start)
    if (!reader.seek(segment)) return undefined
    at = reader.value()
    if (at.type === BsonType.array) return { value: at, depth }
  }
  return undefined
}

/** A document that has nothing but an array at the path. */
function holding(path: readonly string[], array: RawDocument): RawDocument {
  return path
    .toReversed()
    .reduce<RawValue>(
      (inner, segment) => documentValue(new BsonWriter().value(segment, inner).finish()),
      arrayValue(array),
    ).bytes
}
