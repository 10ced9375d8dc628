import { toFields } from '../bson/codec.ts'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import type { IndexDefinition } from './index-definition.ts'

/** The refusal of a document whose place in a unique index another one has. */
export function duplicateOf(
  namespace: string,
  { name, fields }: IndexDefinition,
  document: RawDocument,
): MongoError {
  const whole = toFields(document)
  const keyPattern = Object.fromEntries(fields.map((field) => [field.name, field.descending ? -1 : 1]))
  const keyValue = Object.fromEntries(fields.map((field) => [field.name, lookUp(whole, field.path) ?? null]))
  const shown = Object.entries(keyValue).map(([field, value]) => `${field}: ${shownValue(value)}`)
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${name} dup key: { ${shown.join(', ')} }`,
    { keyPattern, keyValue },
  )
}

function lookUp(value: unknown, [segment, ...rest]: readonly string[]): unknown {
  if (segment === undefined) return value
  if (typeof value !== 'object' || value === null) return undefined
  return lookUp(Reflect.get(value, segment), rest)
}

function shownValue(value: unknown): string {
  return typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? '') : JSON.stringify(value)
}
