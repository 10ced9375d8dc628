import { toValue } from '../bson/codec.ts'
import { isNumeric, type RawDocument, type RawValue } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { pathOf, valuesAt } from './paths.ts'

/** `$mod`, of numbers only: in plain JavaScript null would count as 0. */
export function moduloTest(field: string, operand: RawValue): (document: RawDocument) => boolean {
  const [divisor, rest, ...more] = listOf(toValue(operand)).map(Math.trunc)
  if (divisor === undefined || rest === undefined || more.length > 0)
    throw new MongoError('BadValue', 'malformed mod, needs two numbers')
  if (divisor === 0) throw new MongoError('BadValue', 'divisor cannot be 0')
  const path = pathOf(field)
  return (document) =>
    valuesAt(document, path).values.some(
      (value) => isNumeric(value.type) && Math.trunc(Number(toValue(value))) % divisor === rest,
    )
}

function listOf(value: unknown): number[] {
  return Array.isArray(value) ? value.map(Number) : []
}
