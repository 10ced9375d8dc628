import { nested } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { show } from '../../bson/show.ts'
import { BsonType, typeNameOf, type RawDocument, type RawValue } from '../../bson/types.ts'
import { MongoError } from '../../errors.ts'
import { compileFilter } from '../filter.ts'
import { pathOf, type Path } from '../paths.ts'
import type { ElementTests } from './array-filters.ts'
import { arrayOperators } from './arrays.ts'
import { fieldOperators, type FieldOperator } from './fields.ts'
import type { Modifier, Subject } from './modifier.ts'
import { parseRename } from './rename.ts'
import { applyModifier } from './targets.ts'
import { ObjectNode } from './tree.ts'

/** All operators of an update, ready for any document. */
export type Operators = (subject: Subject) => RawDocument

interface Step {
  readonly path: Path
  readonly apply: (root: ObjectNode, subject: Subject) => void
}

const known: Readonly<Record<string, FieldOperator>> = {
  ...fieldOperators,
  ...arrayOperators((filter) => compileFilter(nested(filter)).test),
}

/** Operators are applied in the order of their paths, whatever the order in which they were written. */
export function compileOperators(operators: RawDocument, elementTests: ElementTests): Operators {
  const steps: Step[] = []
  const paths: Path[] = []
  for (const [operator, path, operand] of assignments(operators)) {
    const target = checkedPath(path)
    if (operator === '$rename') {
      const rename = parseRename(path, operand)
      paths.push(target, checkedPath(rename.to))
      steps.push({ path: pathOf(rename.to), apply: rename.apply })
    } else {
      paths.push(target)
      steps.push(stepOf(operator, path, target, operand))
    }
  }
  refuseConflicts(paths)
  refuseUnused(paths, elementTests, operators)
  const size = operators.length
  const ordered = steps.toSorted((a, b) => comparePaths(a.path, b.path))
  return (subject) => {
    const root = ObjectNode.of(subject.document)
    for (const step of ordered) step.apply(root, subject)
    return root.bytes(subject.document.length + size)
  }
}

function stepOf(operator: string, path: string, segments: Path, operand: RawValue): Step {
  const compile = known[operator]
  if (compile === undefined) throw unknownModifier(operator)
  const modifier: Modifier = { path, segments, ...compile(path, operand) }
  return {
    path: segments,
    apply: (root, subject) => {
      if (!modifier.onInsertOnly || subject.inserting) applyModifier(root, modifier, subject)
    },
  }
}

function* assignments(operators: RawDocument): Iterable<[operator: string, path: string, operand: RawValue]> {
  const reader = new ElementReader(operators)
  while (reader.next()) {
    const operator = reader.name()
    if (operator !== '$rename' && !(operator in known)) throw unknownModifier(operator)
    if (reader.type !== BsonType.object)
      throw new MongoError(
        'FailedToParse',
        `Modifiers operate on fields but we found type ${typeNameOf(reader.type)} instead. For example: {$mod: {<field>: ...}} not {${operator}: ${show(reader.value())}}`,
      )
    const fields = new ElementReader(operators, reader.valueStart)
    while (fields.next()) yield [operator, fields.name(), fields.value()]
  }
}

function unknownModifier(operator: string): MongoError {
  return new MongoError(
    'FailedToParse',
    `Unknown modifier: ${operator}. Expected a valid update modifier or pipeline-style update specified as an array`,
  )
}

function checkedPath(path: string): Path {
  const segments = pathOf(path)
  if (path === '') throw new MongoError('EmptyFieldName', 'An empty update path is not valid.')
  if (segments.includes(''))
    throw new MongoError(
      'EmptyFieldName',
      `The update path '${path}' contains an empty field name, which is not allowed.`,
    )
  if (segments[0]?.startsWith('$'))
    throw new MongoError(
      segments[0] === '$' || segments[0].startsWith('$[') ? 'BadValue' : 'DollarPrefixedFieldName',
      segments[0] === '$' || segments[0].startsWith('$[')
        ? `Cannot have array filter identifier (i.e. '$[<id>]') or positional element in the first position in path '${path}'`
        : `The dollar ($) prefixed field '${segments[0]}' in '${path}' is not valid for storage.`,
    )
  if (segments.filter((segment) => segment === '$').length > 1)
    throw new MongoError('BadValue', `Too many positional (i.e. '$') elements found in path '${path}'`)
  return segments
}

/** No two paths may be the same, or one the beginning of the other. */
function refuseConflicts(paths: readonly Path[]): void {
  const roots = new Set(paths.map(([root]) => root))
  if (roots.size === paths.length) return
  const sorted = paths.toSorted((a, b) => comparePaths(a, b))
  sorted.forEach((path, i) => {
    const before = sorted[i - 1]
    if (before && before.length <= path.length && before.every((segment, depth) => segment === path[depth]))
      throw new MongoError(
        'ConflictingUpdateOperators',
        `Updating the path '${path.join('.')}' would create a conflict at '${before.join('.')}'`,
      )
  })
}

function refuseUnused(paths: readonly Path[], tests: ElementTests, operators: RawDocument): void {
  const used = new Set(paths.flat())
  for (const identifier of tests.keys())
    if (!used.has(`$[${identifier}]`))
      throw new MongoError(
        'FailedToParse',
        `The array filter for identifier '${identifier}' was not used in the update ${show({ type: BsonType.object, bytes: operators, start: 0, end: operators.length })}`,
      )
}

const digits = /^\d+$/

/** Field names in the order of their letters, places in the order of numbers. */
function comparePaths(a: Path, b: Path): number {
  for (const [depth, left] of a.entries()) {
    const right = b[depth]
    if (right === undefined) return 1
    if (left === right) continue
    const numbers = digits.test(left) && digits.test(right)
    return numbers ? Number(left) - Number(right) : left < right ? -1 : 1
  }
  return a.length - b.length
}
