import { isDeepStrictEqual } from 'node:util'
import type { Fields, Row } from './values.ts'

/** MongoDB refuses: with this code. */
export class Refusal extends Error {
  readonly code: number

  constructor(code: number) {
    super(`code ${code}`)
    this.code = code
  }
}

/** The row after an update, in plain JavaScript. Throws the Refusal of a row that can't be updated so. */
export function updated(row: Row, update: Fields): Row {
  const next: Row = structuredClone(row)
  for (const [operator, assignments] of Object.entries(update))
    for (const [path, operand] of Object.entries(asFields(assignments))) apply(next, operator, path, operand)
  return next
}

function apply(row: Fields, operator: string, path: string, operand: unknown): void {
  const names = path.split('.')
  const last = names.pop() ?? path
  const creates = !['$unset', '$pull', '$pop', '$rename'].includes(operator)
  let parent = row
  for (const name of names) {
    const inner = parent[name]
    if (isFields(inner)) parent = inner
    else if (!creates) return
    else if (inner === undefined) parent = parent[name] = {}
    else throw new Refusal(28)
  }
  change(parent, last, operator, operand)
}

function change(parent: Fields, name: string, operator: string, operand: unknown): void {
  const old = parent[name]
  switch (operator) {
    case '$set':
      parent[name] = operand
      return
    case '$unset':
      delete parent[name]
      return
    case '$inc':
    case '$mul': {
      if (old !== undefined && typeof old !== 'number') throw new Refusal(14)
      const by = Number(operand)
      // An integer has no negative zero.
      parent[name] = (operator === '$inc' ? (old ?? 0) + by : (old ?? 0) * by) + 0
      return
    }
    case '$min':
      if (old === undefined || compare(operand, old) < 0) parent[name] = operand
      return
    case '$max':
      if (old === undefined || compare(operand, old) > 0) parent[name] = operand
      return
    case '$rename':
      if (old === undefined) return
      parent[String(operand)] = old
      delete parent[name]
      return
    default:
      changeArray(parent, name, operator, operand)
  }
}

function changeArray(parent: Fields, name: string, operator: string, operand: unknown): void {
  const old = parent[name]
  const adds = operator === '$push' || operator === '$addToSet'
  if (old === undefined && !adds) return
  if (old !== undefined && !Array.isArray(old)) throw new Refusal(operator === '$pop' ? 14 : 2)
  const items: unknown[] = old ?? []
  const without = (): unknown[] => items.filter((item) => !isDeepStrictEqual(item, operand))
  if (operator === '$push') parent[name] = [...items, operand]
  else if (operator === '$addToSet')
    parent[name] = without().length < items.length ? items : [...items, operand]
  else if (operator === '$pull') parent[name] = without()
  else parent[name] = operand === 1 ? items.slice(0, -1) : items.slice(1)
}

/** The order of types, and of the values of one type; objects by kind, name and value of each field. */
export function compare(a: unknown, b: unknown): number {
  const kinds = kindOf(a) - kindOf(b)
  if (kinds !== 0) return kinds
  if (Array.isArray(a) && Array.isArray(b)) return compareLists(a, b)
  if (isFields(a) && isFields(b)) return compareLists(elementsOf(a), elementsOf(b))
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : Number(a > b)
  return typeof a === 'boolean' ? Number(a) - Number(b) : 0
}

function elementsOf(fields: Fields): unknown[] {
  return Object.entries(fields).flatMap(([name, value]) => [kindOf(value), name, value])
}

function compareLists(a: readonly unknown[], b: readonly unknown[]): number {
  for (const [i, value] of a.entries()) {
    if (i >= b.length) return 1
    const order = compare(value, b[i])
    if (order !== 0) return order
  }
  return a.length - b.length
}

function kindOf(value: unknown): number {
  if (value === undefined) return -1
  if (value === null) return 0
  if (Array.isArray(value)) return 4
  return ['number', 'string', 'object', '', 'boolean'].indexOf(typeof value) + 1
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function asFields(value: unknown): Fields {
  return isFields(value) ? value : {}
}
