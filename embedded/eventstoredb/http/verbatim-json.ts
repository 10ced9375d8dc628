/** What the runtime knows of JSON and the type library doesn't yet: the source text of each number. */
declare global {
  interface JSON {
    rawJSON(text: string): object
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown
  }
}

/**
 * Parses JSON so that `JSON.stringify` writes the same numbers again. Without that, what a double can't hold
 * (`$tb` of a deleted stream, ids of other systems) would change on its way through the node.
 */
export function parseVerbatim(text: string): unknown {
  return JSON.parse(text, (_, value, { source }) => {
    if (typeof value !== 'number' || source === undefined || String(value) === source) return value
    return JSON.rawJSON(source)
  })
}

/** A whole number that may be too large for a double. */
export const wholeJson = (digits: string): number | object => {
  const value = Number(digits)
  return Number.isSafeInteger(value) ? value : JSON.rawJSON(digits)
}
