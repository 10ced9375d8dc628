import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, type RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { encodeValue, inverted } from './keys/encode.ts'
import { pathOf, valuesAt, type Path } from './paths.ts'

export interface SortField {
  readonly name: string
  readonly path: Path
  readonly descending: boolean
}

const mostBytesInMemory = 100 * 1024 * 1024

export function parseSort(raw: RawDocument | undefined): SortField[] {
  if (raw === undefined) return []
  const fields: SortField[] = []
  const reader = new ElementReader(raw)
  while (reader.next()) {
    const name = reader.name()
    const direction = directionOf(reader)
    if (direction !== 1 && direction !== -1)
      throw new MongoError(
        'BadValue',
        `Illegal key in $sort specification: ${name}: only 1 and -1 are understood`,
      )
    if (name !== '$natural') fields.push({ name, path: pathOf(name), descending: direction === -1 })
  }
  return fields
}

function directionOf({ type, bytes, valueStart }: ElementReader): number {
  if (type === BsonType.int32) return bytes.readInt32LE(valueStart)
  if (type === BsonType.double) return bytes.readDoubleLE(valueStart)
  if (type === BsonType.int64) return Number(bytes.readBigInt64LE(valueStart))
  return 0
}

/** Sorts in memory, by the same keys that an index would have. Stable. */
export function sortDocuments(
  documents: readonly RawDocument[],
  fields: readonly SortField[],
): RawDocument[] {
  const size = documents.reduce((sum, { length }) => sum + length, 0)
  if (size > mostBytesInMemory)
    throw new MongoError(
      'QueryExceededMemoryLimitNoDiskUseAllowed',
      `Sort exceeded memory limit of ${mostBytesInMemory} bytes, but did not opt in to external sorting.`,
    )
  return documents
    .map((document) => ({ document, key: sortKey(document, fields) }))
    .sort((a, b) => a.key.compare(b.key))
    .map(({ document }) => document)
}

function sortKey(document: RawDocument, fields: readonly SortField[]): Buffer {
  return Buffer.concat(
    fields.map(({ path, descending }) => {
      // Of an array counts the element that comes first in the wanted direction.
      const keys = valuesAt(document, path).values.map(encodeValue)
      const chosen = keys.reduce((best, key) => (key.compare(best) < 0 === !descending ? key : best))
      return descending ? inverted(chosen) : chosen
    }),
  )
}
