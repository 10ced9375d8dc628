import fc from 'fast-check'
import { expect, it } from 'vitest'

import { html } from './html.ts'

it('escapes text, in content and in attributes', () => {
  const hostile = `<script>alert("1")</script>' onload='x & y`
  expect(html`<p title="${hostile}">${hostile}</p>`.text).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x &amp; y">' +
      '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x &amp; y</p>',
  )
})

it('takes markup as it is, lists item by item, and nothing for what is absent', () => {
  const items = ['a', '<b>'].map((item) => html`<b>${item}</b>`)
  expect(html`${items}${undefined}${false}${3}`.text).toBe('<b>a</b><b>&lt;b&gt;</b>3')
})

it('lets no text through that a browser could take for markup', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(html`${text}`.text).not.toMatch(/[<>"']|&(?!(?:amp|lt|gt|quot|#39);)/u)
    }),
  )
})
