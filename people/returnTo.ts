/** Characters of a path that are kept in a cookie. */
const MAX_LENGTH = 1_000

/** Spaces and control characters, which browsers drop or turn into others, and the backslash, which they take for a slash. */
// eslint-disable-next-line no-control-regex
const TRICKS = /[\u0000-\u0020\u007F-\u009F\\]/

/**
 * Where on our own pages to go after signing in, as it may stand in `Location`; undefined for whatever could lead
 * anywhere else, in any spelling: `//evil.example`, `/\evil.example`, `/%2f/evil.example`, other schemes.
 */
export const localPath = (given: string, origin: string): string | undefined => {
  if (!given.startsWith('/') || given.length > MAX_LENGTH) return undefined
  // What is between us and the browser may decode once more than it should.
  for (let text = given, times = 0; ; times++) {
    if (/^\/{2}/.test(text) || TRICKS.test(text) || times > 3) return undefined
    const decoded = decodedOnce(text)
    if (decoded === undefined) return undefined
    if (decoded === text) break
    text = decoded
  }
  const url = URL.canParse(given, origin) ? new URL(given, origin) : undefined
  return url?.origin === origin ? url.pathname + url.search + url.hash : undefined
}

const decodedOnce = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
