import { elementsOf } from '../../bson/codec.ts'
import { BsonType, isNumeric, type RawValue } from '../../bson/types.ts'
import { integerOf, numberOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import type { ValueTest } from './reach.ts'

/** `$mod`: of numbers only, and of their whole part. */
export function hasRest(operand: RawValue): ValueTest {
  if (operand.type !== BsonType.array) throw new MongoError('BadValue', 'malformed mod, needs to be an array')
  const [divisor, rest, ...more] = elementsOf(operand)
  if (divisor === undefined || rest === undefined)
    throw new MongoError('BadValue', 'malformed mod, not enough elements')
  if (more.length > 0) throw new MongoError('BadValue', 'malformed mod, too many elements')
  const by = wholeOf(divisor)
  const wanted = wholeOf(rest)
  if (by === undefined) throw new MongoError('BadValue', 'malformed mod, divisor not a number')
  if (wanted === undefined) throw new MongoError('BadValue', 'malformed mod, remainder not a number')
  if (by === 0n) throw new MongoError('BadValue', 'divisor cannot be 0')
  return (value) => {
    const whole = value && wholeOf(value)
    return whole !== undefined && whole % by === wanted
  }
}

function wholeOf(value: RawValue): bigint | undefined {
  if (!isNumeric(value.type)) return undefined
  if (value.type === BsonType.int32 || value.type === BsonType.int64) return integerOf(value)
  const number = Math.trunc(numberOf(value))
  return Number.isFinite(number) ? BigInt(number) : undefined
}
