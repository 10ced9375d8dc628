import { expect, it } from 'vitest'
import { localPath } from './returnTo.ts'

const here = 'https://shop.example'

it.each([
  ['/', '/'],
  ['/orders', '/orders'],
  ['/orders?status=PAID&q=a%20b#top', '/orders?status=PAID&q=a%20b#top'],
  ['/orders/../cart', '/cart'],
  ['/blue%20teapots', '/blue%20teapots'],
  ['/поиск', '/%D0%BF%D0%BE%D0%B8%D1%81%D0%BA'],
  ['/search?next=https://elsewhere.example', '/search?next=https://elsewhere.example'],
])('%s is a place to go back to', (given, path) => expect(localPath(given, here)).toBe(path))

it.each([
  '',
  'orders',
  '//evil.example',
  '///evil.example',
  String.raw`/\evil.example`,
  String.raw`\\evil.example`,
  String.raw`/orders\..\..\evil`,
  '/\t/evil.example',
  '/\n/evil.example',
  ' //evil.example',
  '/%2f/evil.example',
  '/%2Fevil.example',
  '/%5cevil.example',
  '/%5Cevil.example',
  '/%252fevil.example',
  '/%255cevil.example',
  '/%25252fevil.example',
  '/%09/evil.example',
  '/%0d%0aSet-Cookie:%20a=b',
  '/orders\r\nLocation: https://evil.example',
  'https://evil.example',
  'https:evil.example',
  'http://shop.example/',
  'https://shop.example.evil.example',
  '@evil.example',
  'javascript:alert(1)',
  '/.//evil.example',
  '/x/..//evil.example',
  '/%2e//evil.example',
  '/x/%252e%252e//evil.example',
  '/%zz',
  `/${'a'.repeat(1_000)}`,
])('%j is not', (given) => expect(localPath(given, here)).toBeUndefined())
