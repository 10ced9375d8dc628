import { matching } from './matching.ts'
import { compare, Refusal, updated } from './updating.ts'
import type { Fields, IndexChoice, Row } from './values.ts'

/** A collection as an array of rows, in the order in which they were inserted. */
export class Model {
  rows: Row[] = []
  indexes: IndexChoice[] = []

  matching(filter: Fields): Row[] {
    return matching(this.rows, filter)
  }

  /** The first match in the order of ids. */
  first(filter: Fields, direction: 1 | -1): Row | undefined {
    return this.matching(filter).toSorted((a, b) => direction * (a._id - b._id))[0]
  }

  insert(row: Row): void {
    if (this.rows.some(({ _id }) => _id === row._id)) throw new Refusal(11000)
    this.#check(row)
    this.rows = [...this.rows, row]
  }

  replace(before: Row, row: Row): void {
    this.#check(row)
    this.rows = this.rows.map((one) => (one === before ? row : one))
  }

  update(before: Row, update: Fields): Row {
    const next = updated(before, update)
    this.replace(before, next)
    return next
  }

  remove(row: Row): void {
    this.rows = this.rows.filter((one) => one !== row)
  }

  has({ key }: IndexChoice): boolean {
    return this.indexes.some((index) => nameOf(index) === nameOf({ key }))
  }

  /** Answers its name. */
  addIndex(index: IndexChoice): string {
    const alone = new Model()
    alone.indexes = [index]
    for (const row of this.rows) alone.insert(row)
    this.indexes = [...this.indexes, index]
    return nameOf(index)
  }

  dropIndex(index: IndexChoice): string {
    this.indexes = this.indexes.filter((one) => nameOf(one) !== nameOf(index))
    return nameOf(index)
  }

  /** The rows in an order that leaves no ties. */
  sorted(rows: readonly Row[], sort: Readonly<Record<string, 1 | -1>>): Row[] {
    return rows.toSorted((a, b) => {
      for (const [path, direction] of Object.entries(sort)) {
        const order = compare(sortValue(a, path, direction), sortValue(b, path, direction))
        if (order !== 0) return direction * order
      }
      return 0
    })
  }

  /** What unique indexes, and arrays side by side, forbid. */
  #check(row: Row): void {
    for (const index of this.indexes) {
      const arrays = Object.keys(index.key).filter((path) => Array.isArray(at(row, path)))
      if (arrays.length > 1 && within(index, row)) throw new Refusal(171)
      const others = this.rows.filter(({ _id }) => _id !== row._id)
      if (index.unique && others.some((other) => collide(index, row, other))) throw new Refusal(11000)
    }
  }
}

function collide(index: IndexChoice, a: Row, b: Row): boolean {
  if (!within(index, a) || !within(index, b)) return false
  return Object.keys(index.key).every((path) =>
    valuesAt(a, path).some((left) => valuesAt(b, path).some((right) => compare(left, right) === 0)),
  )
}

/** True if the index has the row. */
function within({ key, sparse, partialFilterExpression }: IndexChoice, row: Row): boolean {
  if (sparse && Object.keys(key).every((path) => at(row, path) === undefined)) return false
  return !partialFilterExpression || matching([row], partialFilterExpression).length === 1
}

/** The values that an index has of a row: undefined, which is below null, for an empty array. */
function valuesAt(row: Row, path: string): unknown[] {
  const value = at(row, path)
  if (!Array.isArray(value)) return [value ?? null]
  return value.length === 0 ? [undefined] : value
}

function at(row: Fields, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => {
    return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
  }, row)
}

/** Of an array counts the element that comes first in the direction. */
function sortValue(row: Row, path: string, direction: 1 | -1): unknown {
  const [first, ...others] = valuesAt(row, path)
  return others.reduce((best, value) => (direction * compare(value, best) < 0 ? value : best), first)
}

function nameOf({ key }: IndexChoice): string {
  return Object.entries(key).flat().join('_')
}
