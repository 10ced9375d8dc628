import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawValue } from '../../bson/types.ts'

export interface Clause {
  readonly name: string
  readonly value: RawValue
}

/** The clauses of `{ $each: […], … }`; undefined for a value that is to be added as it is. */
export function eachOf(operand: RawValue): readonly Clause[] | undefined {
  if (operand.type !== BsonType.object) return undefined
  const clauses: Clause[] = []
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) clauses.push({ name: reader.name(), value: reader.value() })
  return clauses.some(({ name }) => name === '$each') ? clauses : undefined
}
