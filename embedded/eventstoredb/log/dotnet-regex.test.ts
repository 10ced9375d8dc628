import { describe, expect, it } from 'vitest'

import { fromDotNet } from './dotnet-regex.ts'

interface Case {
  readonly pattern: string
  readonly matches: readonly string[]
  readonly not?: readonly string[]
}

const holds = ({ pattern, matches, not = [] }: Case): void => {
  const regex = fromDotNet(pattern)
  for (const name of matches) expect([name, regex.test(name)]).toEqual([name, true])
  for (const name of not) expect([name, regex.test(name)]).toEqual([name, false])
}

describe('a pattern of .NET matches what it does there', () => {
  it.each<Case>([
    { pattern: 'order', matches: ['order', 'my-order-1'], not: ['Order'] },
    { pattern: '^order-', matches: ['order-1'], not: ['my-order-1'] },
    { pattern: '^[^$].*', matches: ['order'], not: ['$ce-order', ''] },
    { pattern: '^(?!\\$)', matches: ['order'], not: ['$stats'] },
    { pattern: '-\\d{3,}$', matches: ['a-123', 'a-1234', 'a-٣٤٥', 'a-123\n'], not: ['a-12', 'a-123x'] },
    { pattern: '^(?:a|b)+?$', matches: ['abab'], not: ['abc', ''] },
    { pattern: '^a{2}b{1,}c{0,2}$', matches: ['aab', 'aabbcc'], not: ['ab', 'aabccc'] },
    { pattern: 'a{,2}b{x}', matches: ['a{,2}b{x}'], not: ['aab'] },
    { pattern: '^a.c$', matches: ['abc', 'a\rc', 'a\u2028c', 'a😀c'], not: ['a\nc'] },
    { pattern: '^größe$', matches: ['größe'], not: ['grosse'] },
    { pattern: '^\\w+$', matches: ['größe_日本٣'], not: ['a-b', '😀'] },
    { pattern: '^\\W$', matches: ['-', ' '], not: ['ß', '_'] },
    { pattern: '^\\S\\s\\D$', matches: ['a\u00a0b', 'a\u0085b'], not: ['aab', 'a 1'] },
    { pattern: '\\bß\\B', matches: ['-ßa'], not: ['ß', 'aßa'] },
    { pattern: '/:@&%!~#"\'`=<>', matches: ['/:@&%!~#"\'`=<>'] },
    { pattern: '^\\-\\ \\#\\.\\$\\]\\}$', matches: ['- #.$]}'] },
  ])('$pattern', holds)
})

describe('anchors', () => {
  it.each<Case>([
    { pattern: '\\Aorder', matches: ['order-1'], not: ['\norder'] },
    { pattern: '\\Gorder', matches: ['order-1'], not: ['my-order'] },
    { pattern: 'x\\z', matches: ['x'], not: ['x\n'] },
    { pattern: 'x\\Z', matches: ['x', 'x\n'], not: ['x\n\n'] },
    { pattern: 'x$', matches: ['x', 'x\n'], not: ['x\n\n', 'x\r'] },
    { pattern: '(?m)^x$', matches: ['a\nx\nb'], not: ['a\rx\rb'] },
    { pattern: '(?m)\\Ax', matches: ['x\na'], not: ['a\nx'] },
    { pattern: '(?:^)*x', matches: ['ax'] },
    { pattern: '(?=a)+a', matches: ['a'] },
  ])('$pattern', holds)
})

describe('options in the pattern', () => {
  it.each<Case>([
    { pattern: '(?i)ORDER-É', matches: ['order-é', 'Order-É'], not: ['ordér'] },
    { pattern: 'a(?i)b|c', matches: ['ab', 'aB', 'C'], not: ['Ab', 'b'] },
    { pattern: '^(a(?i)b)c$', matches: ['aBc'], not: ['aBC', 'ABc'] },
    { pattern: '^(?i:a[b-d]\\p{Lu})e$', matches: ['aBxe', 'ACXe'], not: ['acxE'] },
    { pattern: '^(?i)a(?-i)b$', matches: ['Ab'], not: ['AB'] },
    { pattern: '(?s)a.b', matches: ['a\nb'] },
    { pattern: '(?s-i:a.b)', matches: ['a\nb'], not: ['A\nb'] },
    { pattern: '(?x) a b # the rest \n c \\  [ d] +', matches: ['abc  '], not: ['ab c d'] },
    { pattern: '(?n)(a)(?<first>b)\\k<first>', matches: ['abb'], not: ['aba'] },
    { pattern: 'a(?# a remark )+b', matches: ['aaab'] },
  ])('$pattern', holds)
})

describe('groups', () => {
  it.each<Case>([
    { pattern: "^(?<category>[a-z]+)-(?'id'\\d+)$", matches: ['order-1'], not: ['order-'] },
    { pattern: '^(.)(.)\\2\\1$', matches: ['abba'], not: ['abab'] },
    { pattern: "^(?<q>['\"]).*\\k'q'$", matches: ["'a'", '"a"'], not: ['\'a"'] },
    { pattern: '^(?i)(a)\\1$', matches: ['aA'], not: ['ab'] },
    { pattern: '^(?>a+)b', matches: ['aab'], not: ['b'] },
    { pattern: '^(?>a+)ab', matches: [], not: ['aab'] },
    { pattern: '^(?>a|ab)c$', matches: ['ac'], not: ['abc'] },
    { pattern: '^(?:(?>a)|(b))+$', matches: ['abab'] },
    { pattern: '(?<=-)x(?<!--x)', matches: ['-x'], not: ['--x', 'x'] },
    { pattern: '^(a|(b))\\1$', matches: ['aa', 'bb'], not: ['ab'] },
    { pattern: '^(?:(a)b){2,}\\1$', matches: ['ababa'], not: ['abab'] },
  ])('$pattern', holds)
})

describe('classes', () => {
  it.each<Case>([
    { pattern: '^[]a]+$', matches: [']a'], not: ['b'] },
    { pattern: '^[^]a]$', matches: ['b'], not: [']', 'a'] },
    { pattern: '^[a-c\\-_.[&|]+$', matches: ['ab-_.[&|'], not: ['d'] },
    { pattern: '^[a-]$', matches: ['a', '-'], not: ['b'] },
    { pattern: '^[a-z-[aeiou]]+$', matches: ['xyz'], not: ['xaz'] },
    { pattern: '^[^\\d-[x]]$', matches: ['y'], not: ['x', '1'] },
    { pattern: '^[a-z-[d-w-[m]]]+$', matches: ['abcmxyz'], not: ['n'] },
    { pattern: '^[\\w.]+$', matches: ['ß.٣'], not: ['-'] },
    { pattern: '^[\\W]$', matches: ['-'], not: ['a'] },
    { pattern: '^[\\b\\x41\\u0042\\103\\cA\\e]+$', matches: ['\bABC\u0001\u001b'], not: ['D'] },
    { pattern: '^\\p{Lu}\\P{L}$', matches: ['É1'], not: ['éa', 'É'] },
    { pattern: '\\ud83d\\ude00', matches: ['😀'] },
    { pattern: '^\\x41\\u00df\\07\\t$', matches: ['Aß\u0007\t'] },
  ])('$pattern', holds)
})

describe('what is wrong, or what JavaScript can not express, is refused:', () => {
  it.each([
    '(',
    ')',
    'a)',
    '[a',
    '[]',
    '*a',
    '{2}',
    'a**',
    'a++',
    'a{2}{3}',
    'a{3,2}',
    '[b-a]',
    '[\\d-x]',
    '[a-\\d]',
    '[a-z-[b]c]',
    '\\',
    '\\y',
    '\\xZ',
    '\\u12',
    '\\c1',
    '\\k<nobody>',
    '\\1',
    '(a)?\\1',
    '(?:(a)|b)\\1',
    '(a)|\\1',
    '(a\\1)',
    '(?!(a))\\1',
    '(?<=\\1(a))',
    '(?<=(?>a))',
    '\\p{IsGreek}',
    '\\p{Lx}',
    '(?<a>x)(?<a>y)',
    '(?<1>x)',
    '(?<a-b>x)',
    '(?(1)a|b)',
    '(?P<name>x)',
    '\\Qa\\E',
  ])('%s', (pattern) => {
    expect(() => fromDotNet(pattern)).toThrow(/, at \d+ of /u)
  })
})
