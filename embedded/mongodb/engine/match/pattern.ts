import { BsonType, type RawValue } from '../../bson/types.ts'
import { textOf } from '../../bson/values.ts'
import { MongoError } from '../../errors.ts'
import type { ValueTest } from './reach.ts'

/** A string (or symbol) that the expression finds, or the very same expression. */
export function matchesPattern(source: string, options: string): ValueTest {
  const pattern = compilePattern(source, options)
  return (value) => {
    if (value?.type === BsonType.string || value?.type === BsonType.symbol) return pattern.test(textOf(value))
    if (value?.type !== BsonType.regex) return false
    const own = regexOf(value)
    return own.source === source && own.options === options
  }
}

export function regexOf({ bytes, start, end }: RawValue): { source: string; options: string } {
  const zero = bytes.indexOf(0, start)
  return {
    source: bytes.toString('utf8', start, zero),
    options: bytes.toString('utf8', zero + 1, end - 1),
  }
}

/** MongoDB's expressions are Perl's: those that JavaScript writes in the same way are understood. */
export function compilePattern(source: string, options: string): RegExp {
  for (const option of options)
    if (!'imsxu'.includes(option))
      throw new MongoError('Location51108', `invalid flag in regex options: ${option}`)
  let text = source
  let flags = options.replaceAll(/[^ims]/g, '')
  const inline = /^\(\?([ims]+)\)/.exec(text)
  if (inline?.[1] !== undefined) {
    text = text.slice(inline[0].length)
    flags += inline[1]
  }
  if (options.includes('x')) text = withoutBlanks(text)
  try {
    return new RegExp(text, [...new Set(`${flags}u`)].join(''))
  } catch {
    return withoutUnicode(text, flags)
  }
}

/** Perl takes escapes that JavaScript refuses in its Unicode mode. */
function withoutUnicode(text: string, flags: string): RegExp {
  try {
    return new RegExp(text, [...new Set(flags)].join(''))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new MongoError('Location51091', `Regular expression is invalid: ${reason}`)
  }
}

/** The option x: blanks and comments outside of classes mean nothing. */
function withoutBlanks(text: string): string {
  return text.replaceAll(/(\\.|\[(?:\\.|[^\]])*\])|\s+|#.*$/gm, (_, kept: string | undefined) => kept ?? '')
}
