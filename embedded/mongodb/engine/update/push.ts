import { elementsOf, nested } from '../../bson/codec.ts'
import { BsonType, isNumeric, typeNameOf, type RawValue } from '../../bson/types.ts'
import { numberOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { compareValues } from '../compare.ts'
import { missing, valuesAt } from '../paths.ts'
import { parseSort } from '../sort.ts'
import { eachOf } from './each.ts'

/** The array after `$push`: with `$each`, in the order of insertion, `$sort`, then `$slice`. */
export function pushing(operand: RawValue): (items: readonly RawValue[]) => RawValue[] {
  const clauses = eachOf(operand)
  if (clauses === undefined) return (items) => [...items, operand]
  let values: readonly RawValue[] = []
  let position = Infinity
  let slice: number | undefined
  let order: ((a: RawValue, b: RawValue) => number) | undefined
  for (const { name, value } of clauses)
    switch (name) {
      case '$each':
        if (value.type !== BsonType.array)
          throw new MongoError(
            'BadValue',
            `The argument to $each in $push must be an array but it was of type: ${typeNameOf(value.type)}`,
          )
        values = elementsOf(value)
        break
      case '$position':
        position = integer('$position', value)
        break
      case '$slice':
        slice = integer('$slice', value)
        break
      case '$sort':
        order = orderOf(value)
        break
      default:
        throw new MongoError('BadValue', `Unrecognized clause in $push: ${name}`)
    }
  return (items) => {
    const all = [...items]
    all.splice(
      position < 0 ? Math.max(0, items.length + position) : Math.min(position, items.length),
      0,
      ...values,
    )
    const sorted = order ? all.toSorted(order) : all
    if (slice === undefined) return sorted
    return slice < 0 ? sorted.slice(slice) : sorted.slice(0, slice)
  }
}

function integer(clause: string, value: RawValue): number {
  const number = isNumeric(value.type) ? numberOf(value) : NaN
  if (!Number.isInteger(number))
    throw new MongoError(
      'BadValue',
      `The value for ${clause} must be an integer value but was given type: ${typeNameOf(value.type)}`,
    )
  return number
}

function orderOf(value: RawValue): (a: RawValue, b: RawValue) => number {
  if (isNumeric(value.type)) {
    const direction = numberOf(value)
    if (direction !== 1 && direction !== -1)
      throw new MongoError('BadValue', 'The $sort element value must be either 1 or -1')
    return (a, b) => direction * compareValues(a, b)
  }
  if (value.type !== BsonType.object || elementsOf(value).length === 0)
    throw new MongoError(
      'BadValue',
      'The $sort is invalid: use 1/-1 to sort the whole element, or {field:1/-1} to sort embedded fields',
    )
  const fields = parseSort(nested(value))
  return (a, b) => {
    for (const { path, descending } of fields) {
      const order = compareValues(fieldIn(a, path), fieldIn(b, path))
      if (order !== 0) return descending ? -order : order
    }
    return 0
  }
}

function fieldIn(value: RawValue, path: readonly string[]): RawValue {
  if (value.type !== BsonType.object) return missing
  return valuesAt(nested(value), path).values[0] ?? missing
}
