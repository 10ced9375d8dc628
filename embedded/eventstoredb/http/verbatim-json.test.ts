import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseVerbatim, wholeJson } from './verbatim-json.ts'

const again = (text: string): string => JSON.stringify(parseVerbatim(text))

describe('JSON that passes through', () => {
  it('keeps its numbers as they were written', () => {
    for (const text of [
      '9223372036854775807',
      '1.0',
      '1e400',
      '-0',
      '0.10',
      '{"a":[1.50,{"$tb":9223372036854775807}]}',
    ]) {
      expect(again(text)).toBe(text)
    }
  })

  it('is otherwise what it always was', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(again(text))).toEqual(JSON.parse(text))
      }),
    )
  })
})

it('a whole number is a number as long as one can hold it', () => {
  expect(wholeJson('5')).toBe(5)
  expect(JSON.stringify([wholeJson('9223372036854775807')])).toBe('[9223372036854775807]')
})
