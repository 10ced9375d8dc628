import { parseValue } from 'graphql'
import { describe, expect, it } from 'vitest'
import { CurrencyCode, MinorUnits } from './scalars.ts'

const literal = (text: string) => MinorUnits.parseLiteral(parseValue(text), {})

describe('MinorUnits', () => {
  it.each(['1', '2147483648', '9007199254740991', '0', '-1', '9007199254740993'])(
    'takes any integer in a document, as it does as a variable: %s',
    (text) => {
      expect(literal(text)).toBe(Number(text))
      expect(MinorUnits.parseValue(Number(text))).toBe(Number(text))
    },
  )
  it.each(['1.5', '1.0', '1e3', '"1"', 'true', 'null', '[1]', '{ a: 1 }'])(
    'takes nothing else in a document: %s',
    (text) => expect(() => literal(text)).toThrow('integer'),
  )
  it.each([1.5, '1', true, null, [1], {}, Number.NaN, Number.POSITIVE_INFINITY])(
    'takes nothing else as a variable: %s',
    (value) => expect(() => MinorUnits.parseValue(value)).toThrow('integer'),
  )
})

describe('CurrencyCode', () => {
  it('takes an ISO 4217 code', () => expect(CurrencyCode.parseValue('EUR')).toBe('EUR'))
  it.each(['eur', 'XXY', '', 'EURO', 978, null])('takes nothing else: %s', (value) =>
    expect(() => CurrencyCode.parseValue(value)).toThrow('ISO 4217'),
  )
})
