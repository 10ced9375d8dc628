import { elementsOf, isDocument } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, typeNameOf, type RawDocument, type RawValue } from '../../bson/types.ts'
import { booleanOf, int64, nullValue, textOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import { pathOf, type Path } from '../paths.ts'
import { ObjectNode, opened, setAt } from '../update/tree.ts'
import { each, type Transform } from './stage.ts'

interface Options {
  readonly path: Path
  readonly keepsEmpty: boolean
  readonly index: string | undefined
}

/** `$unwind`: one document for each element of an array. */
export function unwind(operand: RawValue): Transform {
  const options = optionsOf(operand)
  return each((document) => unwound(document, options))
}

function* unwound(document: RawDocument, { path, keepsEmpty, index }: Options): Iterable<RawDocument> {
  const value = at(document, path)
  if (value?.type !== BsonType.array) {
    const isNothing = value === undefined || value.type === BsonType.null || value.type === BsonType.undefined
    if (!isNothing || keepsEmpty)
      yield index === undefined ? document : changed(document, [], undefined, index, nullValue)
    return
  }
  const elements = elementsOf(value)
  if (elements.length === 0 && keepsEmpty) yield changed(document, path, undefined, index, nullValue)
  for (const [place, element] of elements.entries())
    yield changed(document, path, element, index, int64(BigInt(place)))
}

function at(document: RawDocument, path: Path): RawValue | undefined {
  let value: RawValue | undefined
  let [bytes, start] = [document, 0]
  for (const [depth, segment] of path.entries()) {
    const reader = new ElementReader(bytes, start)
    if (!reader.seek(segment)) return undefined
    value = reader.value()
    if (depth + 1 < path.length && value.type !== BsonType.object) return undefined
    ;[bytes, start] = [value.bytes, value.start]
  }
  return value
}

/** The document with the value at the path replaced, or taken out, and the place of the element noted. */
function changed(
  document: RawDocument,
  path: Path,
  element: RawValue | undefined,
  index: string | undefined,
  place: RawValue,
): RawDocument {
  const root = ObjectNode.of(document)
  const last = path.at(-1)
  if (last !== undefined) {
    const parent = path
      .slice(0, -1)
      .reduce<ReturnType<typeof opened>>((node, name) => node && opened(node, name), root)
    if (element) parent?.set(last, element)
    else parent?.remove(last)
  }
  const bytes = root.bytes()
  return index === undefined ? bytes : setAt(bytes, pathOf(index), place)
}

function optionsOf(operand: RawValue): Options {
  if (operand.type === BsonType.string) return { path: pathIn(operand), keepsEmpty: false, index: undefined }
  if (!isDocument(operand))
    throw new MongoError(
      'Location15981',
      `expected either a string or an object as specification for $unwind stage, got ${typeNameOf(operand.type)}`,
    )
  let path: Path | undefined
  let keepsEmpty = false
  let index: string | undefined
  const reader = new ElementReader(operand.bytes, operand.start)
  while (reader.next()) {
    const value = reader.value()
    if (reader.nameIs('path')) path = pathIn(value)
    else if (reader.nameIs('preserveNullAndEmptyArrays')) {
      if (value.type !== BsonType.boolean)
        throw new MongoError(
          'Location28809',
          'expected a boolean for the preserveNullAndEmptyArrays option to $unwind stage',
        )
      keepsEmpty = booleanOf(value)
    } else if (reader.nameIs('includeArrayIndex')) {
      index = value.type === BsonType.string ? textOf(value) : ''
      if (index === '')
        throw new MongoError(
          'Location28810',
          'expected a non-empty string for the includeArrayIndex option to $unwind stage',
        )
      if (index.startsWith('$'))
        throw new MongoError(
          'Location28822',
          `includeArrayIndex option to $unwind stage should not be prefixed with a '$': ${index}`,
        )
    } else throw new MongoError('Location28811', `unrecognized option to $unwind stage: ${reader.name()}`)
  }
  if (path === undefined) throw new MongoError('Location28812', 'no path specified to $unwind stage')
  return { path, keepsEmpty, index }
}

function pathIn(value: RawValue): Path {
  if (value.type !== BsonType.string)
    throw new MongoError(
      'Location28808',
      `expected a string as the path for $unwind stage, got ${typeNameOf(value.type)}`,
    )
  const text = textOf(value)
  if (!text.startsWith('$') || text.length < 2)
    throw new MongoError(
      'Location28818',
      `path option to $unwind stage should be prefixed with a '$': ${text}`,
    )
  return pathOf(text.slice(1))
}
