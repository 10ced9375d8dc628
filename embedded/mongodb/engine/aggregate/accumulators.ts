import { isDocument } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, isNumeric, typeNameOf, type RawValue } from '../../bson/types.ts'
import { arrayValue, decimal, documentValue, double, int32, nullValue, numberOf } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { compareValues } from '../compare.ts'
import { encodeValue } from '../keys/encode.ts'
import { sum, widening } from '../update/arithmetic.ts'
import { divideDecimal } from '../update/decimals.ts'

/** What one group has gathered for one field. */
export interface Accumulator {
  readonly add: (value: RawValue | undefined) => void
  readonly result: () => RawValue
}

/** Accumulators by name; `hold` counts the bytes that they keep. */
export const accumulators: Readonly<Record<string, (hold: (bytes: number) => void) => Accumulator>> = {
  $sum: () => {
    let total = int32(0)
    return {
      add: (value) => {
        if (value && isNumeric(value.type)) total = widening(sum, total, value)
      },
      result: () => total,
    }
  },

  $avg: () => {
    let total: RawValue = int32(0)
    let count = 0
    return {
      add: (value) => {
        if (value === undefined || !isNumeric(value.type)) return
        total = widening(sum, total, value)
        count++
      },
      result: () => (count === 0 ? nullValue : divided(total, count)),
    }
  },

  $min: () => extreme(-1),
  $max: () => extreme(1),

  $first: () => {
    let first: RawValue | undefined
    return { add: (value) => void (first ??= value ?? nullValue), result: () => first ?? nullValue }
  },

  $last: () => {
    let last: RawValue | undefined
    return { add: (value) => void (last = value), result: () => last ?? nullValue }
  },

  $push: (hold) => {
    const values: RawValue[] = []
    return {
      add: (value) => {
        if (value === undefined) return
        hold(value.end - value.start)
        values.push(value)
      },
      result: () => arrayOf(values),
    }
  },

  $addToSet: (hold) => {
    const values = new Map<string, RawValue>()
    return {
      add: (value) => {
        if (value === undefined) return
        const key = encodeValue(value).toString('latin1')
        if (values.has(key)) return
        hold(value.end - value.start + key.length)
        values.set(key, value)
      },
      result: () => arrayOf([...values.values()]),
    }
  },

  $mergeObjects: (hold) => {
    const fields = new Map<string, RawValue>()
    return {
      add: (value) => {
        if (value === undefined || value.type === BsonType.null) return
        if (!isDocument(value))
          throw new MongoError(
            'Location40400',
            `$mergeObjects requires object inputs, but input is of type ${typeNameOf(value.type)}`,
          )
        hold(value.end - value.start)
        const reader = new ElementReader(value.bytes, value.start)
        while (reader.next()) fields.set(reader.name(), reader.value())
      },
      result: () => {
        const out = new BsonWriter()
        for (const [name, value] of fields) out.value(name, value)
        return documentValue(out.finish())
      },
    }
  },

  $count: () => {
    let total: RawValue = int32(0)
    return { add: () => void (total = widening(sum, total, int32(1))), result: () => total }
  },
}

function extreme(sign: 1 | -1): Accumulator {
  let best: RawValue | undefined
  return {
    add: (value) => {
      if (value === undefined || value.type === BsonType.null) return
      if (best === undefined || compareValues(value, best) * sign > 0) best = value
    },
    result: () => best ?? nullValue,
  }
}

/** A mean is a double, unless some of the numbers were decimals. */
function divided(total: RawValue, count: number): RawValue {
  if (total.type !== BsonType.decimal128) return double(numberOf(total) / count)
  return decimal(divideDecimal(total, count))
}

function arrayOf(values: readonly RawValue[]): RawValue {
  const out = new BsonWriter()
  values.forEach((value, i) => out.value(String(i), value))
  return arrayValue(out.finish())
}
