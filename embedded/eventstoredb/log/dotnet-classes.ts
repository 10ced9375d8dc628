import { literal, takeEscapedCharacter, takeShorthand } from './dotnet-escapes.ts'
import type { PatternScanner } from './pattern-scanner.ts'

/** After `[`: a class of characters up to its `]`, as JavaScript writes it under the `v` flag. */
export function takeClass(scanner: PatternScanner): string {
  const negated = scanner.takeIf('^')
  let items = ''
  let subtracted = ''
  // A bracket that comes first is meant itself: a class is never empty.
  for (let first = true; first || !scanner.takeIf(']'); first = false) {
    if (!first && scanner.takeIf('-[')) {
      subtracted = takeClass(scanner)
      if (scanner.next !== ']') scanner.fail('A subtraction must come last in its class')
    } else {
      items += takeItem(scanner)
    }
  }
  const whole = `[${negated ? '^' : ''}${items}]`
  return subtracted === '' ? whole : `[${whole}--${subtracted}]`
}

const range = /-(?![[\]])/uy

/** A character, a range of them, or a shorthand such as `\d`. */
function takeItem(scanner: PatternScanner): string {
  const from = takeMember(scanner)
  if (typeof from === 'string') {
    if (scanner.takeMatch(range) !== undefined) scanner.fail('A range must go from character to character')
    return from
  }
  if (scanner.takeMatch(range) === undefined) return literal(from)
  const to = takeMember(scanner)
  if (typeof to === 'string') scanner.fail('A range must go from character to character')
  if (to < from) scanner.fail('A range is the wrong way round')
  return `${literal(from)}-${literal(to)}`
}

/** A code point, or a shorthand as text. */
function takeMember(scanner: PatternScanner): number | string {
  if (!scanner.takeIf('\\')) return scanner.take().codePointAt(0) ?? 0
  return takeShorthand(scanner) ?? takeEscapedCharacter(scanner)
}
