import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { parseTree } from './json-tree.ts'
import { jsonView, type JsonViewOptions } from './json-view.ts'

function view(text: string, options: Partial<JsonViewOptions> = {}): string {
  const tree = parseTree(text)
  if (tree === undefined) throw new Error(`${text} is no JSON`)
  return jsonView(tree, { values: 1000, whole: '/whole', ...options }).text
}

/** What a reader would copy from the page. */
const textIn = (markup: string): string =>
  markup
    .replaceAll(/<span class="folded">.*?<\/span>/gu, '')
    .replaceAll(/<[^>]*>/gu, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

describe('JSON on a page', () => {
  it('says what it said before', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(JSON.parse(textIn(view(text)))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('has short values on one line', () => {
    expect(textIn(view('{"price":{"amount":1.50,"currency":"EUR"}}'))).toBe(
      '{ "price": { "amount": 1.50, "currency": "EUR" } }',
    )
    expect(view('[]')).toContain('<div>[]</div>')
  })

  it('lets large values be folded, and folds very large ones', () => {
    const lines = (count: number): string =>
      JSON.stringify({ list: Array.from({ length: count }, (_, i) => `line ${i} of many`) })
    expect(view(lines(5))).not.toContain('<details')
    expect(view(lines(20))).toContain('<details open>')
    expect(view(lines(60))).toContain('<details><summary>')
    expect(view(lines(60))).toContain('60 items')
  })

  it('lays out so many values and counts the others', () => {
    const many = JSON.stringify(Array.from({ length: 500 }, (_, i) => `item ${i}`))
    expect(view(many, { values: 100 })).toContain('and 401 more')
    expect(view(many, { values: 100 })).toContain('<a href="/whole">')
    expect(view(JSON.stringify('x'.repeat(5000)))).toContain('(5000 characters)')
  })

  it('links the values of known keys at the top, and of no others', () => {
    const hrefOf = (key: string, text: string): string | undefined =>
      key === '$correlationId' ? `/bc/${text}` : undefined
    const text =
      '{"\\u0024correlationId":"a\\"b","other":{"$correlationId":"c"},"long":"' + 'x'.repeat(99) + '"}'
    for (const json of ['{"$correlationId":"a\\"b"}', text]) {
      expect(view(json, { hrefOf })).toContain('<a href="/bc/a&quot;b">')
      expect(view(json, { hrefOf })).not.toContain('/bc/c')
    }
  })

  it('makes nothing but text of hostile keys and values', () => {
    const hostile = '<img src=x onerror=alert(1)>'
    expect(view(JSON.stringify({ [hostile]: hostile, deep: [hostile, hostile, hostile] }))).not.toContain(
      '<img',
    )
  })
})
