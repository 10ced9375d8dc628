import { elementsOf, nested } from '../bson/codec.ts'
import { BsonType, isNumeric, type RawDocument, type RawValue } from '../bson/types.ts'
import { arrayValue, numberOf } from '../bson/values.ts'
import { BsonWriter } from '../bson/writer.ts'
import { MongoError } from '../errors.ts'
import { compileFilter } from './filter.ts'
import { elementTest } from './match/operators.ts'
import type { Rule } from './shape.ts'
import { matchedPlace } from './update/positional.ts'

/** `$slice` and `$elemMatch` as `find` has them; undefined for an expression. */
export function projectionOperator(
  operator: string,
  operand: RawValue,
): { readonly rule: Rule; readonly includes: boolean } | undefined {
  if (operator === '$elemMatch') return { rule: firstMatching(operand), includes: true }
  if (operator === '$slice' && isFindSlice(operand)) return { rule: sliced(operand), includes: false }
  return undefined
}

/** `$slice` of an expression has the array as its first argument. */
function isFindSlice(operand: RawValue): boolean {
  if (operand.type !== BsonType.array) return isNumeric(operand.type)
  const parts = elementsOf(operand)
  return parts.length === 2 && parts.every(({ type }) => isNumeric(type))
}

function sliced(operand: RawValue): Rule {
  const numbers = (operand.type === BsonType.array ? elementsOf(operand) : [operand]).map(numberOf)
  const [first = 0, limit] = numbers.map(Math.trunc)
  if (limit !== undefined && limit <= 0)
    throw new MongoError('Location28724', `Third argument to $slice must be positive: ${limit}`)
  const cut = (all: readonly RawValue[]): readonly RawValue[] => {
    if (limit === undefined) return first < 0 ? all.slice(first) : all.slice(0, first)
    const start = first < 0 ? Math.max(0, all.length + first) : first
    return all.slice(start, start + limit)
  }
  return change((value) => (value.type === BsonType.array ? arrayOf(cut(elementsOf(value))) : value))
}

function firstMatching(operand: RawValue): Rule {
  const test = elementTest(operand, (filter) => compileFilter(nested(filter)).test)
  return change((value) => {
    const found = value.type === BsonType.array ? elementsOf(value).find(test) : undefined
    return found && arrayOf([found])
  })
}

/** `field.$`: the one element by which the query found the document. */
export function positional(path: readonly string[], filter: RawDocument | undefined): Rule {
  return change((value, document) => {
    const place = filter && matchedPlace(filter, document)
    if (place === undefined)
      throw new MongoError(
        'Location51246',
        `Executor error during find command :: caused by :: positional operator '${path.join('.')}' couldn't find a matching element in the array`,
      )
    const found = value.type === BsonType.array ? elementsOf(value)[Number(place)] : undefined
    return found ? arrayOf([found]) : value
  })
}

function change(work: (value: RawValue, document: RawDocument) => RawValue | undefined): Rule {
  return { kind: 'change', change: work }
}

function arrayOf(values: readonly RawValue[]): RawValue {
  const out = new BsonWriter()
  values.forEach((value, i) => out.value(String(i), value))
  return arrayValue(out.finish())
}
