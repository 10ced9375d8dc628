import { elementsOf } from '../../bson/codec.ts'
import { BsonType, isNumeric, typesByName, type RawValue } from '../../bson/types.ts'
import { numberOf, textOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import type { ValueTest } from './reach.ts'

const numbers = [BsonType.double, BsonType.int32, BsonType.int64, BsonType.decimal128]

const codes = new Set<number>(Object.values(BsonType))

/** `$type`, by names, numbers or a list of either. */
export function isOfType(operand: RawValue): ValueTest {
  const asked = operand.type === BsonType.array ? elementsOf(operand) : [operand]
  if (asked.length === 0) throw new MongoError('FailedToParse', '$type must match at least one type')
  const wanted = new Set(asked.flatMap(typesOf))
  return (value) => value !== undefined && wanted.has(value.type)
}

function typesOf(value: RawValue): readonly number[] {
  if (value.type === BsonType.string) {
    const name = textOf(value)
    const type = typesByName.get(name)
    if (type !== undefined) return [type]
    if (name === 'number') return numbers
    throw new MongoError('BadValue', `Unknown type name alias: ${name}`)
  }
  if (!isNumeric(value.type))
    throw new MongoError('TypeMismatch', 'type must be represented as a number or a string')
  const code = numberOf(value)
  // The type byte of MinKey is 255, and its number -1.
  if (code === -1) return [BsonType.minKey]
  if (!codes.has(code) || code === BsonType.minKey)
    throw new MongoError('BadValue', `Invalid numerical type code: ${code}`)
  return [code]
}
