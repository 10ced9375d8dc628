import { z } from 'zod'
import { fieldOf } from '../bson/element-reader.ts'
import { toFields, toRaw, type Fields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { pathOf, type Path } from './paths.ts'
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
  readonly unique: boolean
  readonly sparse: boolean
  readonly partial: Filter | undefined
  /** How many seconds after the date in its field a document is removed. */
  readonly expireAfterSeconds: number | undefined
  readonly spec: RawDocument
}

const longestExpiry = 2 ** 31 - 1
const specShape = z.looseObject({
  name: z.string().min(1),
  key: z.record(z.string(), z.union([z.literal(1), z.literal(-1)])),
  unique: z.boolean().default(false),
  sparse: z.boolean().default(false),
  partialFilterExpression: z.record(z.string(), z.unknown()).optional(),
  hidden: z.literal(false).optional(),
  collation: z.looseObject({ locale: z.literal('simple') }).optional(),
  expireAfterSeconds: z
    .number("TTL index 'expireAfterSeconds' option must be numeric")
    .min(0, "TTL index 'expireAfterSeconds' option cannot be less than 0")
    .max(longestExpiry, `TTL index 'expireAfterSeconds' option must be at most ${longestExpiry}`)
    .optional(),
})

export function parseIndex(spec: RawDocument): IndexDefinition {
  const fields = toFields(spec)
  const parsed = specShape.safeParse(fields)
  if (!parsed.success)
    throw new MongoError(
      'CannotCreateIndex',
      `Index specification not supported: ${z.prettifyError(parsed.error)}`,
    )
  const { name, key, unique, sparse, expireAfterSeconds } = parsed.data
  const partial = fieldOf(spec, 'partialFilterExpression')
  if (Object.keys(key).length === 0)
    throw new MongoError('CannotCreateIndex', 'Index keys cannot be an empty object.')
  if (Object.keys(key).some((field) => field === '' || field.startsWith('$')))
    throw new MongoError('CannotCreateIndex', `Index keys contain an illegal field name: ${name}`)
  if (expireAfterSeconds !== undefined) checkExpiry(Object.keys(key))
  const indexFields = Object.entries(key).map(([field, direction]) => ({
    name: field,
    path: pathOf(field),
    descending: direction === -1,
  }))
  return {
    name,
    fields: indexFields,
    unique,
    sparse,
    partial: partial && compileFilter(partial.bytes.subarray(partial.start, partial.end)),
    expireAfterSeconds,
    spec: normalized(fields, key),
  }
}

/** Every collection has it: unique, never dropped, and the way from an `_id` to its document. */
export const idIndex: IndexDefinition = {
  name: '_id_',
  fields: [{ name: '_id', path: pathOf('_id'), descending: false }],
  unique: true,
  sparse: false,
  partial: undefined,
  expireAfterSeconds: undefined,
  spec: toRaw({ v: 2, key: { _id: 1 }, name: '_id_' }),
}

function checkExpiry(fields: readonly string[]): void {
  if (fields.length > 1)
    throw new MongoError(
      'CannotCreateIndex',
      `TTL indexes are single-field indexes, compound indexes do not support TTL. Index keys: ${fields.join(', ')}`,
    )
  if (fields[0] === '_id')
    throw new MongoError(
      'InvalidIndexSpecificationOption',
      "The field 'expireAfterSeconds' is not valid for an _id index specification",
    )
}

/** The specification as listIndexes gives it: `v`, then the keys as int32 in their order, then the rest. */
function normalized({ v: _v, key: _key, name, ...rest }: Fields, key: Record<string, number>): RawDocument {
  return toRaw({ v: 2, key, name, ...rest })
}
