import fc from 'fast-check'
import type { OpenApi, Schema } from './openApi.ts'

/** Characters of which there is one for each code unit and each code point: lengths mean the same to everybody. */
const unit = fc.constantFrom(...Array.from('abcXYZ 0129-_.,:;/"\\{}<>&%äöüßñżλЖ中文\n\t'))

/** Anything at all that JSON can say, small. */
const junk = fc.oneof(
  fc.constantFrom(null, true, false, '', 'x', 0, -1, 1.5, 1e300),
  fc.array(fc.constantFrom(1, 'a'), { maxLength: 2 }),
  fc.record({ a: fc.integer() }),
)

/** Values that a schema of the document allows. */
export const valid = (document: OpenApi, schema: Schema): fc.Arbitrary<unknown> => {
  const { $ref, anyOf, type } = schema
  if ($ref !== undefined) return valid(document, resolved(document, $ref))
  if (anyOf) return fc.oneof(...anyOf.map((each) => valid(document, each)))
  if (schema.enum) return fc.constantFrom(...schema.enum)
  switch (type ?? schema.format) {
    case 'null':
      return fc.constant(null)
    case 'integer':
      return integer(schema)
    case 'array':
      return fc.array(valid(document, schema.items ?? {}), { maxLength: 3 })
    case 'object':
      return record(document, schema)
    case 'uuid':
      return fc.uuid()
    case 'string':
      return schema.format === 'uuid' ? fc.uuid() : text(schema)
    default:
      throw new Error(`no values for ${JSON.stringify(schema)}`)
  }
}

/** Values that are like those that a schema allows, and mostly not allowed. */
export const crooked = (document: OpenApi, schema: Schema): fc.Arbitrary<unknown> => {
  const { $ref, anyOf, properties } = schema
  if ($ref !== undefined) return crooked(document, resolved(document, $ref))
  if (anyOf) return fc.oneof(...anyOf.map((each) => crooked(document, each)))
  if (!properties)
    return fc.oneof(
      junk,
      valid(document, schema).map((value) => [value]),
    )
  const names = Object.keys(properties)
  const whole = valid(document, schema)
  if (names.length === 0) return fc.oneof(junk, fc.record({ unknown: junk }))
  return fc.oneof(
    junk,
    fc
      .tuple(whole, fc.constantFrom(...names), junk)
      .map(([value, name, wrong]) => changed(value, { [name]: wrong })),
    fc.tuple(whole, fc.constantFrom(...names)).map(([value, name]) => changed(value, { [name]: undefined })),
    fc.tuple(whole, junk).map(([value, extra]) => changed(value, { unknown: extra })),
  )
}

const changed = (value: unknown, change: object): unknown =>
  typeof value === 'object' && value !== null ? { ...value, ...change } : change

const resolved = ({ components }: OpenApi, ref: string): Schema => {
  const schema = components.schemas[ref.replace('#/components/schemas/', '')]
  if (!schema) throw new Error(`${ref} is not in the document`)
  return schema
}

const integer = ({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Schema) =>
  fc.oneof(
    fc.integer({ min: Math.max(minimum, -10), max: Math.min(maximum, 10_000) }),
    fc.constantFrom(minimum, maximum),
  )

const text = ({ minLength = 0, maxLength = 40 }: Schema) =>
  // Something is written wherever a blank would be refused by the pattern.
  fc
    .string({ unit, minLength: Math.max(0, minLength - 1), maxLength: Math.min(maxLength, 60) - 1 })
    .map((written) => `${written}a`)

const record = (document: OpenApi, { properties = {}, required = [] }: Schema) =>
  fc.record(
    Object.fromEntries(
      Object.entries(properties).map(([name, schema]) => [name, valid(document, schema)] as const),
    ),
    { requiredKeys: [...required] },
  )
