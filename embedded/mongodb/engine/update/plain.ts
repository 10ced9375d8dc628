import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { add } from './arithmetic.ts'
import { addedValues, append } from './arrays.ts'

/** Makes the changed document. */
export type PlainChanges = (document: RawDocument, inserting: boolean) => RawDocument

const understood = new Set(['$set', '$unset', '$inc', '$setOnInsert', '$push', '$addToSet'])

interface Change {
  readonly operator: string
  readonly operand: RawValue
  /** What `$push` and `$addToSet` add. */
  readonly added: readonly RawValue[]
}

/**
 * The updates of a read model (`$set`, `$inc`, `$push` … of top-level fields), done on the bytes: only
 * the fields named are touched, so every other value keeps its exact BSON type, and nothing is decoded. Undefined for
 * any other update.
 */
export function plainChanges(operators: RawDocument): PlainChanges | undefined {
  const changes = new Map<string, Change>()
  const reader = new ElementReader(operators)
  while (reader.next()) {
    const operator = reader.name()
    if (!understood.has(operator) || reader.type !== BsonType.object) return undefined
    const fields = new ElementReader(operators, reader.valueStart)
    while (fields.next()) {
      const name = fields.name()
      if (name === '' || name.includes('.') || name.startsWith('$')) return undefined
      if (changes.has(name))
        throw new MongoError(
          'ConflictingUpdateOperators',
          `Updating the path '${name}' would create a conflict at '${name}'`,
        )
      const operand = fields.value()
      const added = operator === '$push' || operator === '$addToSet' ? addedValues(operand) : []
      if (added === undefined) return undefined
      changes.set(name, { operator, operand, added })
    }
  }
  return (document, inserting) => apply(changes, document, inserting)
}

function apply(changes: ReadonlyMap<string, Change>, document: RawDocument, inserting: boolean): RawDocument {
  const out = new BsonWriter(document.length + 512)
  const left = new Map(changes)
  const reader = new ElementReader(document)
  while (reader.next()) {
    const name = reader.name()
    const change = left.get(name)
    left.delete(name)
    const next = change ? valueAfter(change, name, reader.value(), inserting) : reader.value()
    if (change === undefined) out.raw(reader.element())
    else if (next) out.value(name, next)
  }
  for (const [name, change] of left) {
    const value = valueAfter(change, name, undefined, inserting)
    if (value) out.value(name, value)
  }
  return out.finish()
}

function valueAfter(
  { operator, operand, added }: Change,
  name: string,
  old: RawValue | undefined,
  inserting: boolean,
): RawValue | undefined {
  switch (operator) {
    case '$set':
      return operand
    case '$unset':
      return undefined
    case '$inc':
      return add(old, operand, name)
    case '$push':
    case '$addToSet':
      return append(old, added, operator === '$addToSet', name)
    default:
      return inserting ? operand : old
  }
}
