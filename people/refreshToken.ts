import { createHash } from 'node:crypto'
import { parse, stringify } from 'uuid'
import { UserId } from '../domain/ids.ts'
import { SessionId } from './events.ts'

/** Milliseconds that a refresh token is good for, if it is not used. */
export const REFRESH_TOKEN_LIFETIME = 30 * 86_400_000

/** By which it is known for what it is, wherever it turns up. */
const PREFIX = 'cfr_'
const ID = 16
const FAMILY = 16
const SECRET = 32
const LENGTH = 2 * ID + FAMILY + SECRET

/**
 * A refresh token: whose session it is of, a secret that all tokens of the session share, and 256 random bits of
 * its own. The shared secret tells a token that was used up from one that somebody made up.
 */
export interface RefreshToken {
  readonly text: string
  readonly userId: UserId
  readonly sessionId: SessionId
  /** SHA-256 of what the session's tokens share. */
  readonly familyHash: string
  /** SHA-256 of the whole token. */
  readonly hash: string
}

/** Random bytes, as many as are asked for. */
export type RandomBytes = (size: number) => Uint8Array

export const firstToken = (userId: UserId, sessionId: SessionId, random: RandomBytes): RefreshToken =>
  tokenOf(Buffer.concat([parse(userId), parse(sessionId), random(FAMILY), random(SECRET)]))

/** The next token of the same session. */
export const nextToken = ({ text }: RefreshToken, random: RandomBytes): RefreshToken =>
  tokenOf(Buffer.concat([bytesOf(text).subarray(0, LENGTH - SECRET), random(SECRET)]))

/** Undefined for what was never a refresh token. */
export const parseRefreshToken = (text: string): RefreshToken | undefined => {
  if (!text.startsWith(PREFIX)) return undefined
  const bytes = bytesOf(text)
  // The same bytes have several spellings in base64url; ours is the only one that counts.
  return bytes.length === LENGTH && textOf(bytes) === text && isOfIds(bytes) ? tokenOf(bytes) : undefined
}

const bytesOf = (text: string): Buffer => Buffer.from(text.slice(PREFIX.length), 'base64url')
const textOf = (bytes: Buffer): string => PREFIX + bytes.toString('base64url')
const idIn = (bytes: Buffer, from: number): string => stringify(bytes.subarray(from, from + ID))

const isOfIds = (bytes: Buffer): boolean => {
  try {
    return UserId.safeParse(idIn(bytes, 0)).success && SessionId.safeParse(idIn(bytes, ID)).success
  } catch {
    return false
  }
}

const tokenOf = (bytes: Buffer): RefreshToken => {
  const text = textOf(bytes)
  return {
    text,
    userId: UserId.parse(idIn(bytes, 0)),
    sessionId: SessionId.parse(idIn(bytes, ID)),
    familyHash: sha256(bytes.subarray(2 * ID, 2 * ID + FAMILY)),
    hash: sha256(text),
  }
}

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('base64url')
