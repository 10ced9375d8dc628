export type CategoryOf = (stream: string) => string | undefined

export const defaultCategoryQuery = 'first\r\n-'
const oneCharacter = /^.$/su

/**
 * Reads the two lines that configure categories: which separator counts (`first` or `last`), and the separator,
 * one character. Undefined if they don't say.
 */
export function parseCategoryQuery(query: string): CategoryOf | undefined {
  const [which, separator, ...more] = query.split(/\r?\n/u)
  if (separator === undefined || !oneCharacter.test(separator) || more.some((line) => line.trim() !== '')) {
    return undefined
  }
  if (which === 'first') return (stream) => before(stream, stream.indexOf(separator))
  if (which === 'last') return (stream) => before(stream, stream.lastIndexOf(separator))
  return undefined
}

/** What has no separator, or nothing before it, is in no category; nor are the node's own streams. */
const before = (stream: string, end: number): string | undefined =>
  end > 0 && !stream.startsWith('$') ? stream.slice(0, end) : undefined
