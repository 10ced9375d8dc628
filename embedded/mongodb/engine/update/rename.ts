import { show } from '../../bson/show.ts'
import { BsonType, type RawValue } from '../../bson/types.ts'
import { textOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { pathOf, type Path } from '../paths.ts'
import { named, type Modifier, type Subject } from './modifier.ts'
import { applyModifier } from './targets.ts'
import { ArrayNode, opened, type Container, type Node, type ObjectNode } from './tree.ts'

/** `$rename` of one field. Its path is where the value goes; where it comes from is `from`. */
export interface Rename {
  readonly from: string
  readonly to: string
  readonly apply: (root: ObjectNode, subject: Subject) => void
}

export function parseRename(from: string, operand: RawValue): Rename {
  if (operand.type !== BsonType.string)
    throw new MongoError('BadValue', `The 'to' field for $rename must be a string: ${from}: ${show(operand)}`)
  const to = textOf(operand)
  if (from === to)
    throw new MongoError('BadValue', `The source and target field for $rename must differ: ${from}: "${to}"`)
  const [source, target] = [pathOf(from), pathOf(to)]
  for (const [path, role] of [
    [source, 'source'],
    [target, 'destination'],
  ] as const)
    if (path.some((segment) => segment.startsWith('$')))
      throw new MongoError('BadValue', `The ${role} field for $rename may not be dynamic: ${path.join('.')}`)
  return {
    from,
    to,
    apply: (root, subject) => {
      const parent = parentOf(root, source, 'source', subject)
      const name = source.at(-1) ?? ''
      const value = parent?.get(name)
      if (parent === undefined || value === undefined) return
      parentOf(root, target, 'destination', subject)
      applyModifier(root, setting(to, target, value), subject)
      parent.remove(name)
    },
  }
}

function setting(path: string, segments: Path, value: Node): Modifier {
  return { path, segments, creates: true, apply: (parent, name) => parent.set(name, value) }
}

/** Whoever holds the last name of the path; undefined where the way ends before. */
function parentOf(root: ObjectNode, path: Path, role: string, subject: Subject): Container | undefined {
  let at: Container | undefined = root
  for (const [depth, segment] of path.slice(0, -1).entries()) {
    at = opened(at, segment)
    if (at instanceof ArrayNode)
      throw new MongoError(
        'BadValue',
        `The ${role} field cannot be an array element, '${path.join('.')}' in doc with ${named(subject)} has an array field called '${path[depth] ?? ''}'`,
      )
    if (at === undefined) return undefined
  }
  return at
}
