import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import type { IndexDefinition } from './index-definition.ts'
import { longestKey, writeValue } from './keys/encode.ts'
import { KeyWriter } from './keys/key-writer.ts'
import { isMissing, valuesAt } from './paths.ts'
import { decodeRecordNumber, recordNumberSize } from './record-number.ts'

/** The keys that one document has in an index; several if a field holds an array. */
export interface IndexKeys {
  readonly keys: Buffer[]
  readonly multikey: boolean
}

const noKeys: IndexKeys = { keys: [], multikey: false }
const noValue = Buffer.alloc(0)
const writer = new KeyWriter()

/**
 * An entry of a unique index leads from the encoded fields to the record number, so that one look tells whether a value
 * is taken. Of any other index the number is the end of the key, and documents of equal fields come in their own order.
 */
export function keysOf(index: IndexDefinition, document: RawDocument, record: Buffer): IndexKeys {
  if (index.partial && !index.partial.test(document)) return noKeys
  const columns = index.fields.map(({ path }) => valuesAt(document, path))
  if (
    index.sparse &&
    columns.every(({ values, multikey }) => !multikey && values[0] !== undefined && isMissing(values[0]))
  )
    return noKeys
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
    if (writer.length > longestKey)
      throw new MongoError('KeyTooLong', `key of index ${index.name} is too long: ${writer.length} bytes`)
    if (!index.unique) writer.copy(record, 0, recordNumberSize)
    keys.push(writer.finish())
  }
  return { keys: multikey ? distinct(keys) : keys, multikey }
}

/** What an index keeps beside the key. */
export function entryValue({ unique }: IndexDefinition, record: Buffer): Buffer {
  return unique ? record : noValue
}

/** The record number at the end of the key of an index that isn't unique. */
export function recordOfKey(key: Buffer): number {
  return decodeRecordNumber(key, key.length - recordNumberSize)
}

export function recordOfEntry({ unique }: IndexDefinition, key: Buffer, value: Buffer): number {
  return unique ? decodeRecordNumber(value) : recordOfKey(key)
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
