import { describe, expect, it } from 'vitest'

import { payloadView, type Format } from './payload.ts'

const show = (bytes: Buffer | string, format: Format, limit = 1000): string =>
  payloadView(Buffer.from(bytes), format, { values: 100, bytes: limit, whole: '/whole' }).text

describe('what an event carries is shown as', () => {
  it('JSON, where it is said to be and is', () => {
    expect(show('{"a":1}', 'json')).toContain('class="json"')
    expect(show('{"a":', 'json')).toContain('can&#39;t be laid out'.replace('&#39;', "'"))
    expect(show('{"a":', 'json')).toContain('{&quot;a&quot;:</pre>')
  })

  it('JSON, where nothing is said and it reads as such', () => {
    expect(show('{"a":1}', 'unsaid')).toContain('class="json"')
    expect(show('words', 'unsaid')).not.toContain('Said to be JSON')
  })

  it('text, where all of it can be read', () => {
    expect(show('Grüße\n\t{"a":1}', 'bytes')).toContain('Grüße\n\t{&quot;a&quot;:1}')
  })

  it('bytes, where it is neither', () => {
    expect(show(Buffer.from([0, 255, 65, 66]), 'bytes')).toContain('0000  00 ff 41 42')
    expect(show(Buffer.from([0, 255, 65, 66]), 'bytes')).toContain('..AB</pre>')
    expect(show('a\u0000b', 'bytes')).toContain('0000  61 00 62')
    expect(show(Buffer.alloc(300), 'json')).toContain('The first 256 B of 300 B')
  })

  it('nothing, where there is nothing', () => {
    expect(show('', 'json')).toContain('Empty')
  })

  it('a part of it, where it is large, and never half a character', () => {
    const large = show('ü'.repeat(100), 'bytes', 51)
    expect(large).toContain(`>${'ü'.repeat(25)}</pre>`)
    expect(large).toContain('<a href="/whole">All of it</a>')
    expect(show(JSON.stringify(Array.from({ length: 100 }, () => 1)), 'json', 50)).not.toContain(
      'class="json"',
    )
  })
})
