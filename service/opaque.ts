import { Sku } from '../domain/product.ts'
import { badInput } from './errors.ts'

/** What a cursor belongs to, so that one list does not take another's. */
export type CursorKind = 'order' | 'entry' | 'wallet' | 'notification'

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

/** A place among the products, which is a sku: opaque to clients. */
export const productCursorOf = (sku: Sku): string => Buffer.from(`product:${sku}`).toString('base64url')

/** The sku of a place; throws BAD_INPUT, naming the field, for what we never gave out. */
export const skuOf = (cursor: string, field: string): Sku => {
  const sku = Sku.safeParse(textIn('product:', cursor))
  if (!sku.success) throw notOfThisList(field)
  return sku.data
}

/** The key of a place; throws BAD_INPUT, naming the field, for what we never gave out. */
export const keyOf = (kind: CursorKind, cursor: string, field: string): number => {
  const key = Number(numberIn(`${kind}:`, cursor) ?? NaN)
  if (!Number.isSafeInteger(key)) throw notOfThisList(field)
  return key
}

const notOfThisList = (field: string) => badInput(`${field}: is not a cursor of this list.`)

/** The number behind the prefix; undefined unless it is written exactly as we would write it. */
const numberIn = (prefix: string, opaque: string): bigint | undefined => {
  const digits = textIn(prefix, opaque)
  return digits !== undefined && /^(0|[1-9]\d*)$/.test(digits) ? BigInt(digits) : undefined
}

/** As long as the cursor of the longest sku. */
const MAX_LENGTH = 96

/** The text behind the prefix; undefined unless it is encoded exactly as we would encode it. */
const textIn = (prefix: string, opaque: string): string | undefined => {
  if (opaque.length > MAX_LENGTH) return undefined
  const text = Buffer.from(opaque, 'base64url').toString()
  const isOurs = text.startsWith(prefix) && Buffer.from(text).toString('base64url') === opaque
  return isOurs ? text.slice(prefix.length) : undefined
}
