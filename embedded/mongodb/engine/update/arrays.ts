import { nested } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawValue } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { encodeValue } from '../keys/encode.ts'

/** The values of `$push` or `$addToSet`; undefined if it has modifiers besides `$each`. */
export function addedValues(operand: RawValue): RawValue[] | undefined {
  if (operand.type !== BsonType.object) return [operand]
  const reader = new ElementReader(operand.bytes, operand.start)
  if (!reader.next() || !reader.nameIs('$each')) return operatorFree(operand) ? [operand] : undefined
  const each = reader.value()
  return each.type === BsonType.array && !reader.next() ? elements(each) : undefined
}

/** The array with the values behind it; with `unique` only those that are not in it yet. */
export function append(
  old: RawValue | undefined,
  values: readonly RawValue[],
  unique: boolean,
  field: string,
): RawValue {
  if (old !== undefined && old.type !== BsonType.array)
    throw new MongoError('BadValue', `The field '${field}' must be an array`)
  const there = old === undefined ? [] : elements(old)
  const keys = new Set(unique ? there.map(keyOf) : [])
  const out = new BsonWriter()
  let position = 0
  for (const value of there) out.value(String(position++), value)
  for (const value of values) {
    if (unique && keys.has(keyOf(value))) continue
    if (unique) keys.add(keyOf(value))
    out.value(String(position++), value)
  }
  const bytes = out.finish()
  return { type: BsonType.array, bytes, start: 0, end: bytes.length }
}

function elements(array: RawValue): RawValue[] {
  const values: RawValue[] = []
  const reader = new ElementReader(nested(array))
  while (reader.next()) values.push(reader.value())
  return values
}

function operatorFree(operand: RawValue): boolean {
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) if (reader.bytes[reader.nameStart] === 0x24) return false
  return true
}

function keyOf(value: RawValue): string {
  return encodeValue(value).toString('latin1')
}
