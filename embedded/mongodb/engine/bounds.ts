import { rawValue } from '../bson/codec.ts'
import type { RawValue } from '../bson/types.ts'
import type { Predicate } from './predicate.ts'
import { encodeValue, tag, tagOf } from './keys/encode.ts'

/** One end of a range: a key (or the beginning of keys), and whether the edge lies after it. */
export interface Edge {
  readonly key: Buffer
  readonly after: boolean
}

export interface Bounds {
  readonly low: Edge
  readonly high: Edge
  readonly used: readonly Predicate[]
}

/** The keys that equality or `$in` allows, ascending, each once. */
export function pointsOf(
  predicates: readonly Predicate[],
): { readonly keys: Buffer[]; readonly predicate: Predicate } | undefined {
  const predicate =
    predicates.find(({ comparison }) => comparison === '$eq') ??
    predicates.find(({ comparison }) => comparison === '$in')
  if (predicate === undefined) return undefined
  const keys = predicate.values.map(encodeValue)
  if (keys.length < 2) return { keys, predicate }
  keys.sort((a, b) => a.compare(b))
  return { keys: keys.filter((key, i) => i === 0 || !keys[i - 1]?.equals(key)), predicate }
}

/**
 * The range that `$gt` and the like leave within one type: comparisons never reach over types. Of an index with arrays
 * only one side can be used, as different elements may satisfy the two.
 */
export function bracketOf(predicates: readonly Predicate[], multikey: boolean): Bounds | undefined {
  const ranges = predicates.filter(({ comparison }) => comparison !== '$eq' && comparison !== '$in')
  const first = ranges[0]
  const operand = first?.values[0]
  if (first === undefined || operand === undefined) return undefined
  const kind = tagOf(operand.type)
  // A range over objects compares fields in a way that only the filter knows.
  if (kind === tag.object || kind === tag.null) return undefined
  const used = (multikey ? [first] : ranges).filter(
    ({ values }) => values[0] && tagOf(values[0].type) === kind,
  )
  let low = lowest(kind)
  let high: Edge = { key: Buffer.from([kind]), after: true }
  for (const { comparison, values } of used) {
    const key = values[0] && encodeValue(values[0])
    if (key === undefined) continue
    if (comparison === '$gt' || comparison === '$gte') low = higher(low, { key, after: comparison === '$gt' })
    else high = lower(high, { key, after: comparison === '$lte' })
  }
  return { low, high, used }
}

const leastNumber: RawValue = rawValue(-Infinity)

/** NaN sorts below all numbers, but is less than none. */
function lowest(kind: number): Edge {
  return { key: kind === tag.number ? encodeValue(leastNumber) : Buffer.from([kind]), after: false }
}

function higher(a: Edge, b: Edge): Edge {
  const order = a.key.compare(b.key)
  return order > 0 || (order === 0 && a.after) ? a : b
}

/** The type's own upper edge is a beginning of every key of the type: any other edge is lower. */
function lower(a: Edge, b: Edge): Edge {
  if (a.key.length === 1) return b
  const order = a.key.compare(b.key)
  return order < 0 || (order === 0 && !a.after) ? a : b
}
