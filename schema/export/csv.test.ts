import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvRecord } from './csv.ts'

/** Reads one record back, as RFC 4180 has it. */
const fieldsOf = (record: string): readonly string[] => {
  const fields: string[] = []
  let rest = record
  do {
    const [, quoted, plain, end] = /^(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/.exec(rest) ?? []
    if (end === undefined) throw new Error(`no record: ${JSON.stringify(rest)}`)
    fields.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
    rest = rest.slice((quoted === undefined ? (plain ?? '').length : quoted.length + 2) + end.length)
    if (end === '\r\n') return fields
  } while (rest)
  throw new Error('no end')
}

describe('a record', () => {
  it.each([
    [['a', 1, undefined, 'b'], 'a,1,,b\r\n'],
    [['a,b', 'say "so"', 'two\nlines'], '"a,b","say ""so""","two\nlines"\r\n'],
    [[Number.MAX_SAFE_INTEGER, -5], '9007199254740991,-5\r\n'],
  ])('of %j is %j', (fields, record) => expect(csvRecord(fields)).toBe(record))

  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '\n=1'])('never runs %j as a formula', (text) =>
    expect(fieldsOf(csvRecord([text]))).toEqual([`'${text}`]),
  )

  it('says any text, and is read back as it was', () =>
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (texts) => {
        const fields = fieldsOf(csvRecord(texts))
        expect(fields.map((field) => field.replace(/^'(?=[=+\-@\t\r\n])/, ''))).toEqual(
          texts.map((text) => text.replace(/^'(?=[=+\-@\t\r\n])/, '')),
        )
      }),
    ))
})
