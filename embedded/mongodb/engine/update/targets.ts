import { show } from '../../bson/show.ts'
import { MongoError } from '../../errors.ts'
import type { Modifier, Subject } from './modifier.ts'
import { ArrayNode, ObjectNode, opened, valueOf, type Container } from './tree.ts'

/** Applies a modifier wherever its path leads: to one field, or through `$`, `$[]` and `$[identifier]` to several. */
export function applyModifier(root: ObjectNode, modifier: Modifier, subject: Subject): void {
  const [field, ...below] = modifier.segments
  if (field !== undefined && below.length === 0) modifier.apply(root, field, subject)
  else visit(root, 0, modifier, subject)
}

function visit(container: Container, depth: number, modifier: Modifier, subject: Subject): void {
  const { segments, creates, apply } = modifier
  const last = depth + 1 === segments.length
  for (const name of placesOf(container, depth, modifier, subject)) {
    if (!container.canHold(name)) {
      if (creates) throw notViable(container, name, segments[depth - 1])
      continue
    }
    if (last) {
      apply(container, name, subject)
      continue
    }
    const inner = opened(container, name) ?? made(container, name, depth, modifier)
    if (inner) visit(inner, depth + 1, modifier, subject)
  }
}

/** The names that a segment stands for in this container. */
function placesOf(
  container: Container,
  depth: number,
  { segments, path }: Modifier,
  subject: Subject,
): string[] {
  const segment = segments[depth] ?? ''
  if (segment === '$') return [matched(subject)]
  if (!segment.startsWith('$[')) return [segment]
  if (!(container instanceof ArrayNode))
    throw new MongoError(
      'BadValue',
      `Cannot apply array updates to non-array element ${segments[depth - 1] ?? ''}: ${show(valueOf(container))}`,
    )
  const identifier = segment.slice(2, -1)
  const test = identifier === '' ? () => true : subject.elementTest(identifier)
  if (test === undefined)
    throw new MongoError('BadValue', `No array filter found for identifier '${identifier}' in path '${path}'`)
  return container.items.flatMap((item, place) => (test(valueOf(item)) ? [String(place)] : []))
}

function matched({ matchedPlace }: Subject): string {
  const place = matchedPlace()
  if (place === undefined)
    throw new MongoError('BadValue', 'The positional operator did not find the match needed from the query.')
  return place
}

/** What lies on the way and isn't there yet is made, for modifiers that make fields. */
function made(container: Container, name: string, depth: number, modifier: Modifier): Container | undefined {
  const there = container.get(name)
  const { segments, creates } = modifier
  const next = segments[depth + 1] ?? ''
  if (there === undefined && next.startsWith('$['))
    throw new MongoError(
      'BadValue',
      `The path '${segments.slice(0, depth + 1).join('.')}' must exist in the document in order to apply array updates.`,
    )
  if (there !== undefined && next.startsWith('$['))
    throw new MongoError(
      'BadValue',
      `Cannot apply array updates to non-array element ${name}: ${show(valueOf(there))}`,
    )
  if (!creates) return undefined
  if (there !== undefined)
    throw new MongoError(
      'PathNotViable',
      `Cannot create field '${next}' in element {${name}: ${show(valueOf(there))}}`,
    )
  const fresh = new ObjectNode()
  container.set(name, fresh)
  return fresh
}

function notViable(container: Container, name: string, parent = ''): MongoError {
  return new MongoError(
    'PathNotViable',
    `Cannot create field '${name}' in element {${parent}: ${show(valueOf(container))}}`,
  )
}
