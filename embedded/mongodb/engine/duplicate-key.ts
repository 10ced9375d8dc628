import { toTypedValue } from '../bson/codec.ts'
import { show } from '../bson/show.ts'
import type { RawDocument, RawValue } from '../bson/types.ts'
import { nullValue } from '../bson/values.ts'
import { MongoError } from '../errors.ts'
import type { IndexDefinition } from './index-definition.ts'
import { encodeValue, inverted } from './keys/encode.ts'
import { isMissing, valuesAt } from './paths.ts'

/** The refusal of a document one of whose keys in a unique index is another one's. */
export function duplicateOf(
  namespace: string,
  definition: IndexDefinition,
  document: RawDocument,
  key: Buffer,
): MongoError {
  const { name, fields } = definition
  const values = valuesOfKey(definition, document, key)
  const shown = fields.map((field, i) => `${field.name}: ${show(values[i] ?? nullValue)}`)
  return new MongoError(
    'DuplicateKey',
    `E11000 duplicate key error collection: ${namespace} index: ${name} dup key: { ${shown.join(', ')} }`,
    {
      keyPattern: Object.fromEntries(fields.map((field) => [field.name, field.descending ? -1 : 1])),
      keyValue: Object.fromEntries(
        fields.map((field, i) => [field.name, toTypedValue(values[i] ?? nullValue)]),
      ),
    },
  )
}

/** The values that a key was made of: of an array, the element that is in this one. */
function valuesOfKey({ fields }: IndexDefinition, document: RawDocument, key: Buffer): RawValue[] {
  let at = 0
  return fields.map(({ path, descending }) => {
    for (const value of valuesAt(document, path).values) {
      const encoded = descending ? inverted(encodeValue(value)) : encodeValue(value)
      if (!key.subarray(at, at + encoded.length).equals(encoded)) continue
      at += encoded.length
      return isMissing(value) ? nullValue : value
    }
    return nullValue
  })
}
