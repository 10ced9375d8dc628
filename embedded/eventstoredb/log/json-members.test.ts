import fc from 'fast-check'
import { expect, it } from 'vitest'

import { jsonMembers, withJsonMember } from './json-members.ts'

const textsIn = (text: string): unknown =>
  jsonMembers(text)?.map(({ key, start, end }) => [key, text.slice(start, end)])

it('finds the values of an object as they are written', () => {
  expect(textsIn('{"a":1.0,"b" : 9223372036854775807 , "c\\"":[1, {"a":2}],\n"d":{}, "e":"}"}')).toEqual([
    ['a', '1.0'],
    ['b', '9223372036854775807'],
    ['c"', '[1, {"a":2}]'],
    ['d', '{}'],
    ['e', '"}"'],
  ])
  expect(textsIn(' { } ')).toEqual([])
})

it('has nothing to say of what is no object', () => {
  for (const text of ['', '[]', '1', 'null', '{', '{"a":}', '{"a":1} x']) {
    expect(jsonMembers(text)).toBeUndefined()
  }
})

it('changes one value and leaves everything else as it was written', () => {
  const text = '{ "big": 12345678901234567890, "$tb" : 5 , "x":1.50 }'
  expect(withJsonMember(text, '$tb', '7')).toBe('{ "big": 12345678901234567890, "$tb" : 7 , "x":1.50 }')
  expect(withJsonMember('{ "x":1.50 }', '$tb', '7')).toBe('{ "x":1.50,"$tb":7 }')
  expect(withJsonMember('{ }', '$tb', '7')).toBe('{"$tb":7 }')
  expect(withJsonMember('no JSON', '$tb', '7')).toBe('{"$tb":7}')
  expect(withJsonMember('{"$tb":1,"$tb":2}', '$tb', '7')).toBe('{"$tb":1,"$tb":7}')
})

it('agrees with a parser, whatever the object and its white space', () => {
  const objects = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(objects, fc.string(), fc.constantFrom('', ' ', '\t', 2), (object, key, space) => {
      const text = JSON.stringify(object, null, space)
      const parsed: unknown = JSON.parse(text)
      const found = jsonMembers(text)?.map(({ key, start, end }): [string, unknown] => [
        key,
        JSON.parse(text.slice(start, end)),
      ])
      expect(Object.fromEntries(found ?? [])).toEqual(parsed)
      expect(JSON.parse(withJsonMember(text, key, '7'))).toEqual(
        Object.fromEntries([...Object.entries(object).map(asParsed), [key, 7]]),
      )
    }),
  )
})

const asParsed = ([key, value]: [string, unknown]): [string, unknown] => [
  key,
  JSON.parse(JSON.stringify(value)),
]
