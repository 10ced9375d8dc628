import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawValue } from '../../bson/types.ts'
import type { Path } from '../paths.ts'

/** Of one value at a path; undefined where there is none. */
export type ValueTest = (value: RawValue | undefined) => boolean

/**
 * True if one of the values that a path reaches passes. As in MongoDB, arrays on the way are entered (a number in the
 * path may also be a place in one), and an array at the end counts by its elements and as a whole; with `whole` only
 * as a whole.
 */
export function someAt(document: Buffer, path: Path, whole: boolean, test: ValueTest): boolean {
  return inDocument(document, 0, { path, whole, test }, 0)
}

interface Search {
  readonly path: Path
  readonly whole: boolean
  readonly test: ValueTest
}

function inDocument(bytes: Buffer, start: number, search: Search, depth: number): boolean {
  const { path, whole, test } = search
  const reader = new ElementReader(bytes, start)
  const segment = path[depth]
  if (segment === undefined || !reader.seek(segment)) return test(undefined)
  const last = depth + 1 === path.length
  if (reader.type === BsonType.array && !(last && whole)) return inArray(reader.value(), search, depth + 1)
  if (last) return test(reader.value())
  return reader.type === BsonType.object
    ? inDocument(bytes, reader.valueStart, search, depth + 1)
    : test(undefined)
}

function inArray(array: RawValue, search: Search, depth: number): boolean {
  const { path, test } = search
  const reader = new ElementReader(array.bytes, array.start)
  const segment = path[depth]
  while (reader.next()) {
    if (segment === undefined) {
      if (test(reader.value())) return true
      continue
    }
    const isPlace = reader.nameIs(segment)
    if (reader.type === BsonType.object) {
      // What the element at that very place doesn't have by name is not missing: the place is what was meant.
      const named = isPlace ? { ...search, test: present(test) } : search
      if (inDocument(array.bytes, reader.valueStart, named, depth)) return true
    }
    if (isPlace && atPlace(reader.value(), search, depth + 1)) return true
  }
  return segment === undefined && test(array)
}

/** The path named this element by its place in the array. */
function atPlace(value: RawValue, search: Search, depth: number): boolean {
  if (depth === search.path.length) return search.test(value)
  if (value.type === BsonType.array) return inArray(value, search, depth)
  if (value.type === BsonType.object) return inDocument(value.bytes, value.start, search, depth)
  return false
}

function present(test: ValueTest): ValueTest {
  return (value) => value !== undefined && test(value)
}
