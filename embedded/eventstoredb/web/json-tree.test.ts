import fc from 'fast-check'
import { expect, it } from 'vitest'

import { parseTree, type JsonNode } from './json-tree.ts'

function textOf(node: JsonNode): string {
  if (node.kind === 'object') {
    return `{${node.entries.map(({ key, value }) => `${key}:${textOf(value)}`).join(',')}}`
  }
  return node.kind === 'array' ? `[${node.items.map(textOf).join(',')}]` : node.text
}

it('keeps order, repetitions and digits', () => {
  const text = '{"b":9223372036854775807,"10":1.50,"a":[true,null],"b":-0e1}'
  const tree = parseTree(text)
  expect(tree && textOf(tree)).toBe(text)
})

it('reads all JSON that there is', () => {
  fc.assert(
    fc.property(fc.json({ stringUnit: 'binary' }), (text) => {
      const tree = parseTree(text)
      expect(tree && JSON.parse(textOf(tree))).toEqual(JSON.parse(text))
    }),
  )
})

it('takes for JSON just what JSON.parse does', () => {
  const piece = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ',',
    ':',
    '"',
    '\\',
    'u00e9',
    '1',
    '-',
    '.',
    'e',
    ' ',
    'true',
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
      const text = pieces.join('')
      expect(parseTree(text) !== undefined).toBe(isJson(text))
    }),
    { numRuns: 3000 },
  )
})

it.each(['', '{', '[1,]', '{"a":1,}', '01', '"\n"', '"\\x"', "{'a':1}", '1 2', 'nul', '[1 2]', '{"a" 1}'])(
  'refuses %j',
  (text) => {
    expect(parseTree(text)).toBeUndefined()
  },
)

it('does not go deeper than can be read, and survives what does', () => {
  expect(parseTree('['.repeat(100) + ']'.repeat(100))).toBeDefined()
  expect(parseTree('['.repeat(101) + ']'.repeat(101))).toBeUndefined()
  expect(parseTree('['.repeat(1_000_000))).toBeUndefined()
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
