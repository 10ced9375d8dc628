import { badInput } from './errors.ts'

/** What a cursor belongs to, so that one list does not take another's. */
export type CursorKind = 'order' | 'entry' | 'wallet'

const MAX_POSITION = 2n ** 63n - 1n

/** A log position as clients give it back: opaque to them. */
export const tokenOf = (position: bigint | number): string =>
  Buffer.from(`p${position}`).toString('base64url')

/** Throws BAD_INPUT for what we never gave out. */
export const positionOf = (token: string): bigint => {
  const position = numberIn('p', token)
  if (position === undefined || position > MAX_POSITION)
    throw badInput('The consistency token is not one that we gave out.')
  return position
}

/** A place in a list, by its key: opaque to clients. */
export const cursorOf = (kind: CursorKind, key: number): string =>
  Buffer.from(`${kind}:${key}`).toString('base64url')

/** The key of a place; throws BAD_INPUT for what we never gave out. */
export const keyOf = (kind: CursorKind, cursor: string): number => {
  const key = Number(numberIn(`${kind}:`, cursor) ?? NaN)
  if (!Number.isSafeInteger(key)) throw badInput('after: this is not a cursor of this list.')
  return key
}

/** The number behind the prefix; undefined unless it is written exactly as we would write it. */
const numberIn = (prefix: string, opaque: string): bigint | undefined => {
  if (opaque.length > 64) return undefined
  const text = Buffer.from(opaque, 'base64url').toString()
  const digits = text.slice(prefix.length)
  if (!text.startsWith(prefix) || !/^(0|[1-9]\d*)$/.test(digits)) return undefined
  return Buffer.from(text).toString('base64url') === opaque ? BigInt(digits) : undefined
}
