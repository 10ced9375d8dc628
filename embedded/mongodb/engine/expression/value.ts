import { elementsOf, rawValue, toFields, toValue, type Fields } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { arrayValue, documentValue, textOf } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { pathOf, type Path } from '../paths.ts'
import { compileOperator } from './operators.ts'
import { compileExpressions } from './with-mingo.ts'

/** A document on its way through a pipeline; decoded once, and only if some expression needs it. */
export class Row {
  readonly document: RawDocument
  #fields: Fields | undefined

  constructor(document: RawDocument) {
    this.document = document
  }

  get fields(): Fields {
    return (this.#fields ??= toFields(this.document))
  }
}

/** What an expression makes of a document; undefined where it finds nothing. */
export type Expression = (row: Row) => RawValue | undefined

/**
 * Compiles an expression. Paths, constants and documents of those are read from the bytes, so that values keep their
 * exact types; anything else is mingo's.
 */
export function compileExpression(expression: RawValue, variables?: Fields): Expression {
  return onBytes(expression, variables) ?? withMingo(expression, variables)
}

function onBytes(expression: RawValue, variables: Fields | undefined): Expression | undefined {
  switch (expression.type) {
    case BsonType.string:
      return ofText(textOf(expression), expression)
    case BsonType.object:
      return ofDocument(expression, variables)
    case BsonType.array:
      return undefined
    default:
      return () => expression
  }
}

function ofText(text: string, constant: RawValue): Expression | undefined {
  if (!text.startsWith('$')) return () => constant
  if (text === '$$ROOT' || text === '$$CURRENT') return ({ document }) => documentValue(document)
  if (text.startsWith('$$') || text.length === 1) return undefined
  const path = pathOf(text.slice(1))
  if (path.includes('')) return undefined
  return ({ document }) => valueAt(document, 0, path, 0)
}

function ofDocument(expression: RawValue, variables: Fields | undefined): Expression | undefined {
  const reader = new ElementReader(expression.bytes, expression.start)
  const fields: [string, Expression][] = []
  while (reader.next()) {
    const name = reader.name()
    if (name === '$literal') {
      const literal = reader.value()
      return () => literal
    }
    if (name.startsWith('$'))
      return compileOperator(name, reader.value(), (inner) => compileExpression(inner, variables))
    fields.push([name, compileExpression(reader.value(), variables)])
  }
  return (row) => {
    const out = new BsonWriter()
    for (const [name, evaluate] of fields) {
      const value = evaluate(row)
      if (value) out.value(name, value)
    }
    return documentValue(out.finish())
  }
}

function withMingo(expression: RawValue, variables: Fields | undefined): Expression {
  const evaluate = compileExpressions({ v: toValue(expression) }, variables)
  return (row) => {
    const { v } = evaluate(row.fields)
    return v === undefined ? undefined : rawValue(v)
  }
}

/** The value of a path as expressions see it: through an array, the values of its documents as an array. */
function valueAt(bytes: Buffer, start: number, path: Path, depth: number): RawValue | undefined {
  const reader = new ElementReader(bytes, start)
  const segment = path[depth]
  if (segment === undefined || !reader.seek(segment)) return undefined
  return depth + 1 === path.length ? reader.value() : below(reader.value(), path, depth + 1)
}

function below(value: RawValue, path: Path, depth: number): RawValue | undefined {
  if (value.type === BsonType.object) return valueAt(value.bytes, value.start, path, depth)
  if (value.type !== BsonType.array) return undefined
  const out = new BsonWriter()
  let position = 0
  for (const element of elementsOf(value)) {
    const inner = below(element, path, depth)
    if (inner) out.value(String(position++), inner)
  }
  return arrayValue(out.finish())
}
