import { expect, test } from 'vitest'
import { parseXml } from './wellFormed.ts'

test('reads elements, attributes, text and entities', () => {
  expect(parseXml(`<a b="1 &lt; 2" c='"'>x &amp; y<d/><e>z</e></a>\n`)).toEqual({
    name: 'a',
    attributes: { b: '1 < 2', c: '"' },
    children: [
      'x & y',
      { name: 'd', attributes: {}, children: [] },
      { name: 'e', attributes: {}, children: ['z'] },
    ],
  })
})

test.each([
  '',
  'a',
  '<a>',
  '</a>',
  '<a></b>',
  '<a><b></a></b>',
  '<a/><b/>',
  '<a/>text',
  '<a b=1/>',
  '<a b="1"c="2"/>',
  '<a b="1" b="2"/>',
  '<a b="<"/>',
  '<a b="&"/>',
  '<a>&</a>',
  '<a>& b;</a>',
  '<a>&nbsp;</a>',
  '<a><</a>',
  '<a>]]></a>',
  '<a>\u0000</a>',
  '<a>\ud800</a>',
  '<a></a b="1">',
  '<a/ >',
  '<1/>',
  '<!DOCTYPE a><a/>',
  '<a><!-- --></a>',
])('refuses %j', (document) => {
  expect(() => parseXml(document)).toThrow('not well-formed')
})
