import type { PatternScanner } from './pattern-scanner.ts'

/** The options of .NET that a pattern can set for itself: i, m, n, s and x. */
export type Options = Readonly<Record<'i' | 'm' | 'n' | 's' | 'x', boolean>>

export const noOptions: Options = { i: false, m: false, n: false, s: false, x: false }

/** What stands behind an opening parenthesis. */
export type Opening =
  | { readonly kind: 'options'; readonly options: Options }
  | { readonly kind: 'group'; readonly options: Options }
  | { readonly kind: 'capture'; readonly name: string | undefined }
  | { readonly kind: 'atomic' }
  | { readonly kind: 'look'; readonly opening: string; readonly behind: boolean; readonly negative: boolean }

const looks = ['?=', '?!', '?<=', '?<!'] as const
const groupName = /\?(?:<([\p{L}_][\p{L}\p{Nd}_]*)>|'([\p{L}_][\p{L}\p{Nd}_]*)')/uy
const optionLetters = /\?([imnsx]*)(?:-([imnsx]*))?([:)])/uy

export function takeOpening(scanner: PatternScanner, options: Options): Opening {
  if (scanner.next !== '?')
    return options.n ? { kind: 'group', options } : { kind: 'capture', name: undefined }
  for (const look of looks) {
    if (scanner.takeIf(look)) {
      return { kind: 'look', opening: `(${look}`, behind: look.includes('<'), negative: look.endsWith('!') }
    }
  }
  if (scanner.takeIf('?>')) return { kind: 'atomic' }
  const named = scanner.takeMatch(groupName)
  if (named !== undefined) return { kind: 'capture', name: named[1] ?? named[2] ?? '' }
  const letters = scanner.takeMatch(optionLetters)
  if (letters === undefined) {
    scanner.fail('Conditions, balanced groups and numbered groups are not supported')
  }
  const [, on = '', off = '', end] = letters
  const changed: Options = { ...options, ...valued(on, true), ...valued(off, false) }
  return { kind: end === ')' ? 'options' : 'group', options: changed }
}

const valued = (letters: string, value: boolean): Record<string, boolean> =>
  Object.fromEntries(letters.split('').map((letter) => [letter, value]))
