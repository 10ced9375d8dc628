import { isDocument } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, typeNameOf, type RawDocument, type RawValue } from '../../bson/types.ts'
import { int32, nullValue } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { compileExpression, Row, type Expression } from '../expression/value.ts'
import { encodeValue } from '../keys/encode.ts'
import { accumulators, type Accumulator } from './accumulators.ts'
import { Memory } from './memory.ts'
import type { PipelineContext, Transform } from './stage.ts'

interface Field {
  readonly name: string
  readonly expression: Expression
  readonly start: (hold: (bytes: number) => void) => Accumulator
}

interface Group {
  readonly id: RawValue
  readonly accumulators: readonly Accumulator[]
}

/** What a group costs besides its values. */
const overhead = 200

/**
 * `$group`: one document after another, so that only the groups are held. Undefined if it has an accumulator that is
 * left to mingo.
 */
export function compileGroup(operand: RawValue, { variables }: PipelineContext): Transform | undefined {
  if (!isDocument(operand))
    throw new MongoError('Location15947', "a group's fields must be specified in an object")
  let id: Expression | undefined
  const fields: Field[] = []
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) {
    const name = reader.name()
    if (name === '_id') id = compileExpression(reader.value(), variables)
    else {
      const { operator, argument } = accumulatorOf(name, reader.value())
      const start = accumulators[operator]
      if (start === undefined) return undefined
      const expression = operator === '$count' ? () => int32(1) : compileExpression(argument, variables)
      fields.push({ name, expression, start })
    }
  }
  if (id === undefined) throw new MongoError('Location15955', 'a group specification must include an _id')
  return grouping(id, fields)
}

function accumulatorOf(name: string, value: RawValue): { operator: string; argument: RawValue } {
  if (name.includes('.')) throw new MongoError('Location40235', `The field name '${name}' cannot contain '.'`)
  if (name.startsWith('$'))
    throw new MongoError('Location40236', `The field name '${name}' cannot be an operator name`)
  if (!isDocument(value))
    throw new MongoError('Location40234', `The field '${name}' must be an accumulator object`)
  const reader = new ElementReader(value.bytes, value.start)
  if (!reader.next() || reader.bytes[reader.nameStart] !== 0x24)
    throw new MongoError('Location40234', `The field '${name}' must be an accumulator object`)
  const found = { operator: reader.name(), argument: reader.value() }
  if (reader.next()) throw new MongoError('Location40238', `The field '${name}' must specify one accumulator`)
  if (found.operator === '$count' && !isEmptyDocument(found.argument))
    throw new MongoError(
      'BadValue',
      `$count takes no arguments, i.e. $count:{}, got ${typeNameOf(found.argument.type)}`,
    )
  return found
}

function isEmptyDocument({ type, start, end }: RawValue): boolean {
  return type === BsonType.object && end - start === 5
}

function grouping(id: Expression, fields: readonly Field[]): Transform {
  return function* (source) {
    const groups = new Map<string, Group>()
    const memory = new Memory('$group')
    const hold = (bytes: number): void => memory.add(bytes)
    for (const document of source) {
      if (document === undefined) {
        yield undefined
        continue
      }
      const row = new Row(document)
      const value = id(row) ?? nullValue
      const key = encodeValue(value).toString('latin1')
      let group = groups.get(key)
      if (group === undefined) {
        memory.add(overhead + key.length + value.end - value.start)
        group = { id: value, accumulators: fields.map(({ start }) => start(hold)) }
        groups.set(key, group)
      }
      for (const [i, { expression }] of fields.entries()) group.accumulators[i]?.add(expression(row))
    }
    for (const group of groups.values()) yield written(group, fields)
  }
}

function written({ id, accumulators }: Group, fields: readonly Field[]): RawDocument {
  const out = new BsonWriter().value('_id', id)
  for (const [i, { name }] of fields.entries()) out.value(name, accumulators[i]?.result() ?? nullValue)
  return out.finish()
}
