import { isDocument, nested, type Fields } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, isNumeric, type RawDocument, type RawValue } from '../bson/types.ts'
import { booleanOf, numberOf } from '../bson/values.ts'
import { MongoError } from '../errors.ts'
import { compileExpression, Row } from './expression/value.ts'
import { pathOf } from './paths.ts'
import { projectionOperator, positional } from './projection-operators.ts'
import { addRule, childrenOf, shapeDocument, type Mode, type Rules } from './shape.ts'

export type Projection = (document: RawDocument) => RawDocument

export interface ProjectionContext {
  /** `find` has `$slice`, `$elemMatch` and the positional operator; in a pipeline those are expressions. */
  readonly dialect: 'find' | 'aggregate'
  readonly filter?: RawDocument
  readonly variables?: Fields | undefined
}

/** Which fields to answer with, or undefined for all as they are. */
export function compileProjection(
  raw: RawDocument | undefined,
  context: ProjectionContext = { dialect: 'find' },
): Projection | undefined {
  if (raw === undefined || raw.length === 5) return undefined
  const parser = new Parser(context)
  parser.fields(raw, [])
  const { rules, mode } = parser.finished()
  return (document) => shapeDocument(new Row(document), rules, mode)
}

/** True if it only keeps or drops whole top-level fields. */
export function isSimpleProjection(raw: RawDocument | undefined): boolean {
  if (raw === undefined) return false
  const reader = new ElementReader(raw)
  while (reader.next()) if (flagOf(reader.value()) === undefined || reader.name().includes('.')) return false
  return true
}

/** Reads a projection: each field is kept, dropped or computed, and all of them must go together. */
class Parser {
  readonly #rules: Rules = new Map()
  readonly #context: ProjectionContext
  #mode: Exclude<Mode, 'add'> | undefined
  #id: boolean | undefined

  constructor(context: ProjectionContext) {
    this.#context = context
  }

  fields(raw: RawDocument, prefix: readonly string[]): void {
    const reader = new ElementReader(raw)
    while (reader.next()) this.#field([...prefix, ...checkedPath(reader.name())], reader.value())
  }

  finished(): { rules: Rules; mode: Mode } {
    const mode = this.#mode ?? (this.#id ? 'include' : 'exclude')
    const keepsId = this.#id ?? true
    if (!this.#rules.has('_id') && keepsId === (mode === 'include'))
      this.#rules.set('_id', { kind: mode === 'include' ? 'keep' : 'drop' })
    return { rules: this.#rules, mode }
  }

  #field(path: readonly string[], value: RawValue): void {
    const wanted = flagOf(value)
    const isId = path.length === 1 && path[0] === '_id'
    if (wanted !== undefined && isId) this.#id = wanted
    else if (wanted !== undefined) this.#flag(path, wanted)
    else if (isDocument(value)) this.#document(path, value)
    else this.#compute(path, value)
  }

  #flag(path: readonly string[], wanted: boolean): void {
    this.#is(wanted ? 'include' : 'exclude', path)
    if (path.at(-1) !== '$') addRule(this.#rules, path, { kind: wanted ? 'keep' : 'drop' })
    else addRule(this.#rules, path.slice(0, -1), positional(path, this.#context.filter))
  }

  #document(path: readonly string[], value: RawValue): void {
    const reader = new ElementReader(value.bytes, value.start)
    if (!reader.next())
      throw new MongoError(
        'Location51270',
        'An empty sub-projection is not a valid value. Found empty object at path',
      )
    if (reader.bytes[reader.nameStart] !== 0x24) {
      childrenOf(this.#rules, path)
      this.fields(nested(value), path)
      return
    }
    const operator =
      this.#context.dialect === 'find' ? projectionOperator(reader.name(), reader.value()) : undefined
    if (operator === undefined) this.#compute(path, value)
    else {
      if (operator.includes) this.#is('include', path)
      addRule(this.#rules, path, operator.rule)
    }
  }

  #compute(path: readonly string[], value: RawValue): void {
    if (this.#mode === 'exclude')
      throw new MongoError(
        'Location31252',
        `Cannot use an expression in an exclusion projection: ${path.join('.')}`,
      )
    this.#is('include', path)
    addRule(this.#rules, path, {
      kind: 'compute',
      expression: compileExpression(value, this.#context.variables),
    })
  }

  #is(mode: 'include' | 'exclude', path: readonly string[]): void {
    if (this.#mode !== undefined && this.#mode !== mode)
      throw new MongoError(
        mode === 'include' ? 'Location31253' : 'Location31254',
        mode === 'include'
          ? `Cannot do inclusion on field ${path.join('.')} in exclusion projection`
          : `Cannot do exclusion on field ${path.join('.')} in inclusion projection`,
      )
    this.#mode = mode
  }
}

function flagOf(value: RawValue): boolean | undefined {
  if (value.type === BsonType.boolean) return booleanOf(value)
  return isNumeric(value.type) ? numberOf(value) !== 0 : undefined
}

function checkedPath(name: string): readonly string[] {
  if (name === '') throw new MongoError('Location40352', 'FieldPath cannot be constructed with empty string')
  const path = pathOf(name)
  if (name.endsWith('.')) throw new MongoError('Location40353', "FieldPath must not end with a '.'.")
  if (path.includes(''))
    throw new MongoError('Location15998', 'FieldPath field names may not be empty strings.')
  if (path[0]?.startsWith('$'))
    throw new MongoError(
      'Location16410',
      `FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
    )
  return path
}
