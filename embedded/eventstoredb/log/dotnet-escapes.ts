import type { PatternScanner } from './pattern-scanner.ts'

/** What .NET means by `\w`, `\d` and `\s`: all of Unicode. */
export const wordItems = String.raw`\p{L}\p{Mn}\p{Nd}\p{Pc}`
const shorthands: Readonly<Record<string, string>> = {
  w: `[${wordItems}]`,
  W: `[^${wordItems}]`,
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  s: String.raw`[\f\n\r\t\v\u{85}\p{Z}]`,
  S: String.raw`[^\f\n\r\t\v\u{85}\p{Z}]`,
}

const controls: Readonly<Record<string, number>> = { a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, e: 27 }

const categories = /\{(?:L[ultmo]?|M[nce]?|N[dlo]?|P[cdseifo]?|S[mcko]?|Z[slp]?|C[cfson]?)\}/uy
const hexadecimal = { x: /[0-9a-f]{2}/iuy, u: /[0-9a-f]{4}/iuy } as const
const lowSurrogate = /\\u(d[c-f][0-9a-f]{2})/iuy
const octal = /[0-7]{1,3}/uy
const unescapable = /[\p{L}\p{Mn}\p{Nd}\p{Pc}]/u

/** A character for use in a JavaScript pattern or class with the `v` flag, where almost anything has a meaning. */
export const literal = (code: number): string =>
  /[0-9A-Za-z]/u.test(String.fromCodePoint(code)) ? String.fromCodePoint(code) : `\\u{${code.toString(16)}}`

/** After a backslash: a class of characters such as `\w` or `\p{Lu}`, as JavaScript writes it. */
export function takeShorthand(scanner: PatternScanner): string | undefined {
  const shorthand = shorthands[scanner.next]
  if (shorthand !== undefined) {
    scanner.take()
    return shorthand
  }
  if (scanner.next !== 'p' && scanner.next !== 'P') return undefined
  const kind = scanner.take()
  const category = scanner.takeMatch(categories)
  if (category === undefined) scanner.fail('Only general categories of Unicode are known here')
  return `\\${kind}${category[0]}`
}

/** After a backslash: one character, by its code point. */
export function takeEscapedCharacter(scanner: PatternScanner): number {
  const octalDigits = scanner.takeMatch(octal)
  if (octalDigits !== undefined) return Number.parseInt(octalDigits[0], 8) & 0xff
  const letter = scanner.take()
  if (letter === 'x' || letter === 'u') return takeHexadecimal(scanner, letter)
  if (letter === 'c') {
    const code = scanner.take().toUpperCase().charCodeAt(0) - 64
    return code >= 0 && code < 32 ? code : scanner.fail('There is no such control character')
  }
  const control = controls[letter]
  if (control !== undefined) return control
  if (unescapable.test(letter)) scanner.fail(`\\${letter} is not known`)
  return letter.codePointAt(0) ?? 0
}

function takeHexadecimal(scanner: PatternScanner, kind: 'x' | 'u'): number {
  const digits = scanner.takeMatch(hexadecimal[kind])
  if (digits === undefined) scanner.fail('Hexadecimal digits are missing')
  const code = Number.parseInt(digits[0], 16)
  const low = code >= 0xd800 && code < 0xdc00 ? scanner.takeMatch(lowSurrogate) : undefined
  if (low === undefined) return code
  return (code - 0xd800) * 0x400 + (Number.parseInt(low[1] ?? '', 16) - 0xdc00) + 0x10000
}
