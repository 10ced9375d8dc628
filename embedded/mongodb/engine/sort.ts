import { ElementReader } from '../bson/element-reader.ts'
import { isNumeric, type RawDocument } from '../bson/types.ts'
import { numberOf } from '../bson/values.ts'
import { MongoError } from '../errors.ts'
import { encodeValue, inverted } from './keys/encode.ts'
import { pathOf, valuesAt, type Path } from './paths.ts'

export interface SortField {
  readonly name: string
  readonly path: Path
  readonly descending: boolean
}

const mostFields = 32

export function parseSort(raw: RawDocument | undefined): SortField[] {
  if (raw === undefined) return []
  const fields: SortField[] = []
  const reader = new ElementReader(raw)
  while (reader.next()) {
    const name = reader.name()
    if (!isNumeric(reader.type))
      throw new MongoError(
        'Location15974',
        `Illegal key in $sort specification: ${name}: only numbers are understood`,
      )
    const direction = numberOf(reader.value())
    if (direction !== 1 && direction !== -1)
      throw new MongoError(
        'Location15975',
        '$sort key ordering must be 1 (for ascending) or -1 (for descending)',
      )
    if (name === '')
      throw new MongoError('Location40352', 'FieldPath cannot be constructed with empty string')
    if (name.startsWith('$') && name !== '$natural')
      throw new MongoError(
        'Location16410',
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      )
    if (fields.some((field) => field.name === name)) continue
    fields.push({ name, path: pathOf(name), descending: direction === -1 })
  }
  if (fields.length > mostFields) throw new MongoError('BadValue', 'too many compound keys')
  return fields
}

/** Bytes that sort as the document does. */
export function sortKey(document: RawDocument, fields: readonly SortField[]): Buffer {
  const keys = fields.map(({ path, descending }) => {
    // Of an array counts the element that comes first in the wanted direction.
    const values = valuesAt(document, path).values.map(encodeValue)
    const chosen = values.reduce((best, key) => (key.compare(best) < 0 === !descending ? key : best))
    return descending ? inverted(chosen) : chosen
  })
  const [only, ...more] = keys
  return only && more.length === 0 ? only : Buffer.concat(keys)
}
