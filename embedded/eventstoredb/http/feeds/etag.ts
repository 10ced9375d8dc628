import { createHash } from 'node:crypto'

/**
 * Changes with what a page at the head shows: the place of its newest event, and a hash of all else that makes
 * one representation of it differ from another.
 */
export function eTagOf(
  version: number | string,
  representation: readonly (string | number | boolean)[],
): string {
  const hash = createHash('sha256').update(JSON.stringify(representation)).digest().readInt32BE(0)
  return `${version};${hash}`
}

/** Does If-None-Match name this tag? Weak tags are as good here. */
export function isKnown(ifNoneMatch: string | undefined, eTag: string): boolean {
  if (ifNoneMatch === undefined) return false
  const known = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//u, ''))
  return known.includes('*') || known.includes(`"${eTag}"`)
}
