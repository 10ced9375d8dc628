import { elementsOf, nested, type Fields } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { show } from '../../bson/show.ts'
import { BsonType, typeNameOf, type RawDocument, type RawValue } from '../../bson/types.ts'
import { textOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { compileExpression, Row } from '../expression/value.ts'
import { pathOf } from '../paths.ts'
import { compileProjection } from '../projection.ts'
import { addRule, childrenOf, shapeDocument, type Rules } from '../shape.ts'

/** A stage that makes another document of each one. */
export type Shape = (document: RawDocument) => RawDocument

/** Compiles `$project`, `$set`, `$unset`, `$replaceWith` and their other names; undefined for any other stage. */
export function compileShape(stage: string, operand: RawValue, variables?: Fields): Shape | undefined {
  switch (stage) {
    case '$project':
      return project(operand, variables)
    case '$set':
    case '$addFields':
      return addFields(stage, operand, variables)
    case '$unset':
      return unset(operand)
    case '$replaceWith':
      return replaceWith(operand, variables)
    case '$replaceRoot':
      return replaceRoot(operand, variables)
    default:
      return undefined
  }
}

function project(operand: RawValue, variables: Fields | undefined): Shape {
  if (operand.type !== BsonType.object)
    throw new MongoError('Location15969', '$project specification must be an object')
  const projection = compileProjection(nested(operand), { dialect: 'aggregate', variables })
  if (projection === undefined)
    throw new MongoError(
      'Location51272',
      'Invalid $project :: caused by :: projection specification must have at least one field',
    )
  return projection
}

function addFields(stage: string, operand: RawValue, variables: Fields | undefined): Shape {
  if (operand.type !== BsonType.object)
    throw new MongoError(
      'Location40272',
      `${stage} specification stage must be an object, got ${typeNameOf(operand.type)}`,
    )
  const rules: Rules = new Map()
  collect(operand, [], rules, variables)
  return (document) => shapeDocument(new Row(document), rules, 'add')
}

/** Fields to set: documents without operators are about the fields in them. */
function collect(
  value: RawValue,
  prefix: readonly string[],
  rules: Rules,
  variables: Fields | undefined,
): void {
  const reader = new ElementReader(value.bytes, value.start)
  while (reader.next()) {
    const path = [...prefix, ...pathOf(reader.name())]
    if (path.includes(''))
      throw new MongoError('Location40352', 'FieldPath cannot be constructed with empty string')
    if (path.some((segment) => segment.startsWith('$')))
      throw new MongoError(
        'Location16410',
        "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
      )
    const inner = reader.value()
    if (inner.type === BsonType.object && !isExpression(inner) && elementsOf(inner).length > 0) {
      childrenOf(rules, path)
      collect(inner, path, rules, variables)
    } else addRule(rules, path, { kind: 'compute', expression: compileExpression(inner, variables) })
  }
}

function isExpression({ bytes, start }: RawValue): boolean {
  const reader = new ElementReader(bytes, start)
  return reader.next() && bytes[reader.nameStart] === 0x24
}

function unset(operand: RawValue): Shape {
  const names = operand.type === BsonType.array ? elementsOf(operand) : [operand]
  if (names.length === 0 || names.some(({ type }) => type !== BsonType.string))
    throw new MongoError(
      'Location31002',
      '$unset specification must be a string or an array containing only string values',
    )
  const rules: Rules = new Map()
  for (const name of names) addRule(rules, pathOf(textOf(name)), { kind: 'drop' })
  return (document) => shapeDocument(new Row(document), rules, 'exclude')
}

function replaceRoot(operand: RawValue, variables: Fields | undefined): Shape {
  if (operand.type !== BsonType.object)
    throw new MongoError(
      'Location40229',
      `expected an object as specification for $replaceRoot stage, got ${typeNameOf(operand.type)}`,
    )
  const reader = new ElementReader(operand.bytes, operand.start)
  if (!reader.seek('newRoot'))
    throw new MongoError(
      'IDLFailedToParse',
      "BSON field '$replaceRoot.newRoot' is missing but a required field",
    )
  return replaceWith(reader.value(), variables)
}

function replaceWith(operand: RawValue, variables: Fields | undefined): Shape {
  const expression = compileExpression(operand, variables)
  return (document) => {
    const root = expression(new Row(document))
    if (root?.type === BsonType.object) return nested(root)
    throw new MongoError(
      'Location40228',
      `'newRoot' expression must evaluate to an object, but resulting value was: ${root ? show(root) : 'MISSING'}. Type of resulting value: '${root ? typeNameOf(root.type) : 'missing'}'.`,
    )
  }
}
