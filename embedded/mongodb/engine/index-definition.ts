import { z } from 'zod'
import { fieldOf } from '../bson/element-reader.ts'
import { toFields, toRaw, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { inverted, longestFields, writeValue } from './keys/encode.ts'
import { KeyWriter } from './keys/key-writer.ts'
import { MongoError } from '../errors.ts'
import { isMissing, pathOf, valuesAt, type Path } from './paths.ts'
import { compileFilter, type Filter } from './filter.ts'

export interface IndexField {
  readonly name: string
  readonly path: Path
  readonly descending: boolean
}

/** An index as its creator described it. `spec` is what listIndexes shows. */
export interface IndexDefinition {
  readonly name: string
  readonly fields: readonly IndexField[]
  /** Which way `_id` runs behind the fields: as the last of them, since a page of a list is mostly sorted so. */
  readonly idDescending: boolean
  readonly unique: boolean
  readonly sparse: boolean
  readonly partial: Filter | undefined
  readonly spec: RawDocument
}

const specShape = z.looseObject({
  name: z.string().min(1),
  key: z.record(z.string(), z.union([z.literal(1), z.literal(-1)])),
  unique: z.boolean().default(false),
  sparse: z.boolean().default(false),
  partialFilterExpression: z.record(z.string(), z.unknown()).optional(),
})

export function parseIndex(spec: RawDocument): IndexDefinition {
  const fields = toFields(spec)
  const parsed = specShape.safeParse(fields)
  if (!parsed.success)
    throw new MongoError(
      'CannotCreateIndex',
      `Index specification not supported: ${z.prettifyError(parsed.error)}`,
    )
  const { name, key, unique, sparse } = parsed.data
  const partial = fieldOf(spec, 'partialFilterExpression')
  if (Object.keys(key).length === 0)
    throw new MongoError('CannotCreateIndex', 'Index keys cannot be an empty object.')
  const indexFields = Object.entries(key).map(([field, direction]) => ({
    name: field,
    path: pathOf(field),
    descending: direction === -1,
  }))
  return {
    name,
    fields: indexFields,
    idDescending: indexFields.at(-1)?.descending === true,
    unique,
    sparse,
    partial: partial && compileFilter(partial.bytes.subarray(partial.start, partial.end)),
    spec: normalized(fields, key),
  }
}

/** The specification as listIndexes gives it: `v`, then the keys as int32 in their order, then the rest. */
function normalized({ v: _v, key: _key, name, ...rest }: Fields, key: Record<string, number>): RawDocument {
  return toRaw({ v: 2, key, name, ...rest })
}

/** The keys that one document has in an index; several if a field holds an array. */
export interface IndexKeys {
  readonly keys: Buffer[]
  readonly multikey: boolean
}

const writer = new KeyWriter()

/**
 * Each key is the encoded fields, the encoded `_id` and the length of the latter: unique by the `_id`, sorted by the
 * fields, and the document can be found from the key alone.
 */
export function keysOf(index: IndexDefinition, document: RawDocument, id: Buffer): IndexKeys {
  if (index.partial && !index.partial.test(document)) return { keys: [], multikey: false }
  const columns = index.fields.map(({ path }) => valuesAt(document, path))
  if (
    index.sparse &&
    columns.every(({ values, multikey }) => !multikey && values[0] !== undefined && isMissing(values[0]))
  )
    return { keys: [], multikey: false }
  const multikey = columns.some((column) => column.multikey)
  if (multikey)
    rejectParallelArrays(
      index,
      columns.map((column) => column.multikey),
    )
  const keys: Buffer[] = []
  const rows = columns.reduce((product, { values }) => product * values.length, 1)
  for (let row = 0; row < rows; row++) {
    writer.length = 0
    let rest = row
    index.fields.forEach(({ descending }, i) => {
      const values = columns[i]?.values ?? []
      const value = values[rest % values.length]
      rest = Math.floor(rest / values.length)
      if (value === undefined) return
      const start = writer.length
      writeValue(writer, value)
      if (descending) writer.invertFrom(start)
    })
    keys.push(finished(index, id))
  }
  return { keys: multikey ? distinct(keys) : keys, multikey }
}

function finished(index: IndexDefinition, id: Buffer): Buffer {
  if (writer.length > longestFields)
    throw new MongoError('KeyTooLong', `key of index ${index.name} is too long: ${writer.length} bytes`)
  const start = writer.length
  writer.copy(id, 0, id.length)
  if (index.idDescending) writer.invertFrom(start)
  writer.uint16(id.length)
  return writer.finish()
}

/** The encoded `_id` at the end of an index key. */
export function idOfKey({ idDescending }: IndexDefinition, key: Buffer): Buffer {
  const end = key.length - 2
  const id = key.subarray(end - key.readUInt16BE(end), end)
  return idDescending ? inverted(id) : id
}

/** The encoded fields at the beginning of an index key. */
export function fieldsOfKey(key: Buffer): Buffer {
  return key.subarray(0, key.length - 2 - key.readUInt16BE(key.length - 2))
}

function distinct(keys: Buffer[]): Buffer[] {
  return [...new Map(keys.map((key) => [key.toString('latin1'), key])).values()]
}

/** Two fields may both hold arrays only if they lie below the same one. */
function rejectParallelArrays(index: IndexDefinition, multikey: readonly boolean[]): void {
  const roots = new Set(index.fields.filter((_, i) => multikey[i]).map(({ path }) => path[0]))
  if (roots.size > 1)
    throw new MongoError(
      'CannotIndexParallelArrays',
      `cannot index parallel arrays ${[...roots].map((root) => `[${root}]`).join(' ')}`,
    )
}
