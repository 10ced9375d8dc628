/** They are part of the word that they stand in: `Chef’s` is `chefs`. */
const apostrophes = /['’]/g

const marks = /\p{M}/gu

/**
 * The words of a text without case and accents, so that `brulee` finds `Brûlée`. It goes through upper case because
 * some letters only differ below it: `ß` is `SS`.
 */
export const wordsOf = (text: string): readonly string[] =>
  text
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(marks, '')
    .replace(apostrophes, '')
    .match(/[\p{L}\p{N}]+/gu) ?? []

/** Whether a search finds a text with these words: each word that is searched for is the beginning of one of them. */
export const isFoundBy = (words: readonly string[], search: readonly string[]): boolean =>
  search.every((wanted) => words.some((word) => word.startsWith(wanted)))
