import { elementsOf, nested } from '../bson/codec.ts'
import { ElementReader } from '../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../bson/types.ts'
import { arrayValue, documentValue } from '../bson/values.ts'
import { BsonWriter } from '../bson/writer.ts'
import { MongoError } from '../errors.ts'
import type { Expression, Row } from './expression/value.ts'

/** What becomes of one field. */
export type Rule =
  | { readonly kind: 'keep' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'compute'; readonly expression: Expression }
  /** Something else in its place, or nothing. */
  | {
      readonly kind: 'change'
      readonly change: (value: RawValue, document: RawDocument) => RawValue | undefined
    }
  | { readonly kind: 'inside'; readonly rules: Rules }

export type Rules = Map<string, Rule>

/** Fields without a rule are left out, or stay; with `add`, computed ones replace those that are there. */
export type Mode = 'include' | 'exclude' | 'add'

/** Notes a rule for a path; two rules can't be about the same field, or one about a part of the other. */
export function addRule(rules: Rules, path: readonly string[], rule: Rule): void {
  const name = path.at(-1) ?? ''
  const parent = childrenOf(rules, path.slice(0, -1))
  if (parent.has(name)) throw collision(path)
  parent.set(name, rule)
}

/** The rules for the fields of an embedded document. */
export function childrenOf(rules: Rules, path: readonly string[]): Rules {
  let at = rules
  for (const [depth, segment] of path.entries()) {
    const rule = at.get(segment)
    if (rule === undefined) {
      const inside: Rules = new Map()
      at.set(segment, { kind: 'inside', rules: inside })
      at = inside
    } else if (rule.kind === 'inside') at = rule.rules
    else throw collision(path.slice(0, depth + 1))
  }
  return at
}

function collision(path: readonly string[]): MongoError {
  return new MongoError('Location31250', `Path collision at ${path.join('.')}`)
}

/** The document as the rules want it. Values that are only kept are copied as bytes. */
export function shapeDocument(row: Row, rules: Rules, mode: Mode): RawDocument {
  return shaped(row.document, rules, mode, row)
}

function shaped(bytes: RawDocument, rules: Rules, mode: Mode, row: Row): RawDocument {
  const out = new BsonWriter(bytes.length + 64)
  const left = new Map(rules)
  const reader = new ElementReader(bytes)
  while (reader.next()) {
    const name = reader.name()
    const rule = left.get(name)
    // A computed field of a projection comes after those that are kept.
    if (rule?.kind === 'compute' && mode === 'include') continue
    left.delete(name)
    if (rule === undefined) {
      if (mode !== 'include') out.raw(reader.element())
      continue
    }
    const value = ruled(reader.value(), rule, mode, row)
    if (value) out.value(name, value)
  }
  for (const [name, rule] of left) {
    const value = made(rule, mode, row)
    if (value) out.value(name, value)
  }
  return out.finish()
}

function ruled(value: RawValue, rule: Rule, mode: Mode, row: Row): RawValue | undefined {
  switch (rule.kind) {
    case 'keep':
      return value
    case 'drop':
      return undefined
    case 'compute':
      return rule.expression(row)
    case 'change':
      return rule.change(value, row.document)
    default:
      return inside(value, rule.rules, mode, row)
  }
}

/** Rules for a part of a field: of each document in it, if it is an array. */
function inside(value: RawValue, rules: Rules, mode: Mode, row: Row): RawValue | undefined {
  if (value.type === BsonType.object) return documentValue(shaped(nested(value), rules, mode, row))
  if (value.type === BsonType.array) {
    const out = new BsonWriter()
    let position = 0
    for (const element of elementsOf(value)) {
      const next = inside(element, rules, mode, row)
      if (next) out.value(String(position++), next)
    }
    return arrayValue(out.finish())
  }
  if (mode === 'exclude') return value
  return mode === 'add' || computes(rules) ? documentOf(rules, mode, row) : undefined
}

/** What the rules make of a field that isn't there. */
function made(rule: Rule, mode: Mode, row: Row): RawValue | undefined {
  if (rule.kind === 'compute') return rule.expression(row)
  return rule.kind === 'inside' && (mode === 'add' || computes(rule.rules))
    ? documentOf(rule.rules, mode, row)
    : undefined
}

function documentOf(rules: Rules, mode: Mode, row: Row): RawValue {
  const out = new BsonWriter()
  for (const [name, rule] of rules) {
    const value = made(rule, mode, row)
    if (value) out.value(name, value)
  }
  return documentValue(out.finish())
}

function computes(rules: Rules): boolean {
  return [...rules.values()].some(
    (rule) => rule.kind === 'compute' || (rule.kind === 'inside' && computes(rule.rules)),
  )
}
