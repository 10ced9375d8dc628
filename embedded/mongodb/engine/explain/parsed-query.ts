import { elementsOf, isDocument, nested, toValue, type Fields } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { isOperators } from '../match/operators.ts'

/** The filter in the form in which `explain` shows it: every equality by its operator, several conditions by `$and`. */
export function parsedQuery(filter: RawDocument): Fields {
  const clauses = clausesOf(filter)
  const [only, ...more] = clauses
  if (only === undefined) return {}
  return more.length === 0 ? only : { $and: clauses }
}

function clausesOf(filter: RawDocument): Fields[] {
  const clauses: Fields[] = []
  const reader = new ElementReader(filter)
  while (reader.next()) clauses.push(...clauseOf(reader.name(), reader.value()))
  return clauses
}

function clauseOf(name: string, value: RawValue): Fields[] {
  if (name === '$comment') return []
  if (name === '$and')
    return elementsOf(value)
      .filter(isDocument)
      .flatMap((branch) => clausesOf(nested(branch)))
  if (name === '$or' || name === '$nor')
    return [
      {
        [name]: elementsOf(value)
          .filter(isDocument)
          .map((branch) => parsedQuery(nested(branch))),
      },
    ]
  if (name.startsWith('$')) return [{ [name]: toValue(value) }]
  if (!isOperators(value))
    return [{ [name]: { [value.type === BsonType.regex ? '$regex' : '$eq']: toValue(value) } }]
  const reader = new ElementReader(value.bytes, value.start)
  const clauses: Fields[] = []
  while (reader.next())
    if (reader.name() === '$ne') clauses.push({ [name]: { $not: { $eq: toValue(reader.value()) } } })
    else clauses.push({ [name]: { [reader.name()]: toValue(reader.value()) } })
  return clauses
}
