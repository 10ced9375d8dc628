import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, type RawValue } from '../bson/types.ts'

/** What a document without the field has in an index and in a sort. */
export const missing: RawValue = { type: BsonType.null, bytes: Buffer.alloc(0), start: 0, end: 0 }
const emptyArray: RawValue = { ...missing, type: BsonType.undefined }

/** True for what stands for an absent field or an empty array; a null that is there has bytes to be in. */
export function isMissing({ bytes }: RawValue): boolean {
  return bytes.length === 0
}

/** A dotted path, split once. */
export type Path = readonly string[]

export function pathOf(name: string): Path {
  return name.split('.')
}

/** The values that an index holds for a path: elements of arrays one by one, and whether an array was on the way. */
export interface PathValues {
  readonly values: RawValue[]
  multikey: boolean
}

export function valuesAt(document: Buffer, path: Path): PathValues {
  const found: PathValues = { values: [], multikey: false }
  collect(document, 0, path, 0, found)
  return found
}

function collect(bytes: Buffer, start: number, path: Path, depth: number, found: PathValues): void {
  const reader = new ElementReader(bytes, start)
  const segment = path[depth]
  if (segment === undefined || !reader.seek(segment)) {
    found.values.push(missing)
    return
  }
  const last = depth + 1 === path.length
  if (reader.type === BsonType.array) {
    found.multikey = true
    intoArray(bytes, reader.valueStart, path, depth + 1, found)
  } else if (last) found.values.push(reader.value())
  else if (reader.type === BsonType.object) collect(bytes, reader.valueStart, path, depth + 1, found)
  else found.values.push(missing)
}

function intoArray(bytes: Buffer, start: number, path: Path, depth: number, found: PathValues): void {
  const last = depth === path.length
  const before = found.values.length
  const reader = new ElementReader(bytes, start)
  while (reader.next()) {
    if (last) found.values.push(reader.value())
    else if (reader.type === BsonType.object) collect(bytes, reader.valueStart, path, depth, found)
  }
  if (!last) byPosition(bytes, start, path, depth, found)
  if (found.values.length === before) found.values.push(last ? emptyArray : missing)
}

/** `items.0.name`: a number in a path also means a position in an array. */
function byPosition(bytes: Buffer, start: number, path: Path, depth: number, found: PathValues): void {
  const segment = path[depth]
  if (segment === undefined || !/^\d+$/.test(segment)) return
  const reader = new ElementReader(bytes, start)
  if (!reader.seek(segment)) return
  if (depth + 1 === path.length) {
    if (reader.type === BsonType.array) intoArray(bytes, reader.valueStart, path, depth + 1, found)
    else found.values.push(reader.value())
  } else if (reader.type === BsonType.array) intoArray(bytes, reader.valueStart, path, depth + 1, found)
  else if (reader.type === BsonType.object) collect(bytes, reader.valueStart, path, depth + 1, found)
}
