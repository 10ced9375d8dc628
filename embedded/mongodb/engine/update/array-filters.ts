import { elementsOf, isDocument, nested } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import type { RawDocument, RawValue } from '../../bson/types.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'
import { compileFilter } from '../filter.ts'

export type ElementTests = ReadonlyMap<string, (element: RawValue) => boolean>

/** The tests that `$[identifier]` names: each filter is about one identifier, its name being the first of its paths. */
export function parseArrayFilters(filters: readonly RawDocument[]): ElementTests {
  const tests = new Map<string, (element: RawValue) => boolean>()
  for (const filter of filters) {
    const [identifier, ...others] = identifiersOf(filter)
    if (identifier === undefined || others.length > 0)
      throw new MongoError(
        'FailedToParse',
        identifier === undefined
          ? 'Cannot use an expression without a top-level field name in arrayFilters'
          : `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${identifier}' and '${others.join("', '")}'`,
      )
    if (!/^[a-z][a-zA-Z0-9]*$/.test(identifier))
      throw new MongoError(
        'BadValue',
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${identifier}'`,
      )
    if (tests.has(identifier))
      throw new MongoError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      )
    const { test } = compileFilter(filter)
    tests.set(identifier, (element) => test(new BsonWriter().value(identifier, element).finish()))
  }
  return tests
}

function identifiersOf(filter: RawDocument): Set<string> {
  const found = new Set<string>()
  const reader = new ElementReader(filter)
  while (reader.next())
    if (reader.name().startsWith('$'))
      for (const branch of elementsOf(reader.value()).filter(isDocument))
        for (const name of identifiersOf(nested(branch))) found.add(name)
    else found.add(reader.name().split('.', 1)[0] ?? '')
  return found
}
