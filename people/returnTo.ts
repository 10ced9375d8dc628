/** Characters of a path that are kept in a cookie. */
const MAX_LENGTH = 1_000

/** Control characters, which browsers drop, and the backslash, which they take for a slash. */
// eslint-disable-next-line no-control-regex
const TRICKS = /[\u0000-\u001F\u007F-\u009F\\]/

/** Times that what is between us and a browser may decode a path. */
const MAX_DECODINGS = 3

/**
 * Where on our own pages to go after signing in, as it may stand in `Location`; undefined for whatever could lead
 * anywhere else, in any spelling: `//evil.example`, `/\evil.example`, `/%2fevil.example`, `/.//evil.example`.
 */
export const localPath = (given: string, origin: string): string | undefined => {
  if (!given.startsWith('/') || given.startsWith('//') || given.length > MAX_LENGTH) return undefined
  if (TRICKS.test(given) || given.includes(' ') || !URL.canParse(given, origin)) return undefined
  const url = new URL(given, origin)
  return url.origin === origin && staysHere(url.pathname) ? url.pathname + url.search + url.hash : undefined
}

/** Whether a path is one however often it is decoded. */
const staysHere = (path: string, decodings = 0): boolean => {
  if (path.includes('//') || TRICKS.test(path)) return false
  const decoded = decodedOnce(path)
  if (decoded === undefined || decodings > MAX_DECODINGS) return false
  return decoded === path || staysHere(decoded, decodings + 1)
}

const decodedOnce = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
