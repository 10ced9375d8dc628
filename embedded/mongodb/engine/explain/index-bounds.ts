import { show } from '../../bson/show.ts'
import type { RawValue } from '../../bson/types.ts'
import { bracketOf } from '../bounds.ts'
import type { Index } from '../collection.ts'
import { compareValues } from '../compare.ts'
import type { Filter } from '../filter.ts'
import { tag, tagOf } from '../keys/encode.ts'
import type { Predicate } from '../predicate.ts'

interface Range {
  readonly low: string
  readonly high: string
  readonly lowIncluded: boolean
  readonly highIncluded: boolean
}

const all: Range = { low: 'MinKey', high: 'MaxKey', lowIncluded: true, highIncluded: true }

/** The parts of an index that a plan reads, field by field, in the words of `explain`. */
export function indexBounds(index: Index, filter: Filter, reverse: boolean): Record<string, string[]> {
  const bounds: Record<string, string[]> = {}
  let open = false
  for (const { name, descending } of index.definition.fields) {
    const predicates = filter.predicates.filter(({ field }) => field === name)
    const points = open ? undefined : pointsOf(predicates)
    const ranges = points ?? [open ? all : rangeOf(predicates, index.multikey)]
    if (points === undefined) open = true
    const backwards = descending !== reverse
    bounds[name] = (backwards ? ranges.toReversed() : ranges).map((range) => written(range, backwards))
  }
  return bounds
}

function pointsOf(predicates: readonly Predicate[]): Range[] | undefined {
  const predicate =
    predicates.find(({ comparison }) => comparison === '$eq') ??
    predicates.find(({ comparison }) => comparison === '$in')
  const values = predicate?.values.toSorted(compareValues)
  return values
    ?.filter((value, i) => i === 0 || compareValues(value, values[i - 1] ?? value) !== 0)
    .map((value) => ({ low: show(value), high: show(value), lowIncluded: true, highIncluded: true }))
}

function rangeOf(predicates: readonly Predicate[], multikey: boolean): Range {
  const used = bracketOf(predicates, multikey)?.used ?? []
  const [first] = used
  const operand = first?.values[0]
  if (operand === undefined) return all
  let range = wholeKind(operand)
  for (const { comparison, values } of used) {
    const value = values[0]
    if (value === undefined) continue
    const included = comparison === '$gte' || comparison === '$lte'
    range =
      comparison === '$gt' || comparison === '$gte'
        ? { ...range, low: show(value), lowIncluded: included }
        : { ...range, high: show(value), highIncluded: included }
  }
  return range
}

/** Comparisons stay within one kind of value; these are its ends. */
function wholeKind({ type }: RawValue): Range {
  const between = (low: string, high: string, highIncluded = true): Range => ({
    low,
    high,
    lowIncluded: true,
    highIncluded,
  })
  switch (tagOf(type)) {
    case tag.number:
      return between('-inf', 'inf')
    case tag.string:
      return between('""', '{}', false)
    case tag.date:
      return between('new Date(-9223372036854775808)', 'new Date(9223372036854775807)')
    case tag.boolean:
      return between('false', 'true')
    case tag.objectId:
      return between(`ObjectId('${'0'.repeat(24)}')`, `ObjectId('${'f'.repeat(24)}')`)
    case tag.timestamp:
      return between('Timestamp(0, 0)', 'Timestamp(4294967295, 4294967295)')
    default:
      return all
  }
}

function written({ low, high, lowIncluded, highIncluded }: Range, backwards: boolean): string {
  return backwards
    ? `${highIncluded ? '[' : '('}${high}, ${low}${lowIncluded ? ']' : ')'}`
    : `${lowIncluded ? '[' : '('}${low}, ${high}${highIncluded ? ']' : ')'}`
}
