import { show } from '../../bson/show.ts'
import { fieldOf } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import type { MongoError } from '../../errors.ts'
import type { Path } from '../paths.ts'
import { valueOf, type Container } from './tree.ts'

/** The document that an update is applied to, and what else the outcome depends on. */
export interface Subject {
  readonly document: RawDocument
  /** It is being made by an upsert. */
  readonly inserting: boolean
  /** Milliseconds since 1970. */
  readonly now: number
  /** The place in an array of the element that the filter found: what `$` stands for. */
  readonly matchedPlace: () => string | undefined
  /** The test of an array element that `$[identifier]` stands for. */
  readonly elementTest: (identifier: string) => ((element: RawValue) => boolean) | undefined
}

/** One operator with one field: how the value there changes. */
export interface Modifier {
  readonly path: string
  readonly segments: Path
  /** It makes the field, and what lies on the way to it, where they are missing. */
  readonly creates: boolean
  /** It does nothing unless the document is being inserted. */
  readonly onInsertOnly?: boolean
  readonly apply: (parent: Container, name: string, subject: Subject) => void
}

export function existing(parent: Container, name: string): RawValue | undefined {
  const node = parent.get(name)
  return node && valueOf(node)
}

/** The values of the array there, or undefined where there is nothing. */
export function arrayAt(
  parent: Container,
  name: string,
  refusal: (value: RawValue) => MongoError,
): RawValue | undefined {
  const value = existing(parent, name)
  if (value !== undefined && value.type !== BsonType.array) throw refusal(value)
  return value
}

/** How messages name the document: by its `_id`. */
export function named({ document }: Subject): string {
  const id = fieldOf(document, '_id')
  return id ? `{_id: ${show(id)}}` : '{}'
}
