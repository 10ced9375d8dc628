import type { SessionId } from './events.ts'

/**
 * How long a refresh token that was just replaced may be used once more, in milliseconds: two tabs refresh at the
 * same moment, or an answer is lost on its way. Nobody is thrown out for that.
 */
export const GRACE = 30_000

/** So many refresh tokens may replace the same one: a browser that opens all its tabs again, and no more. */
export const MAX_SIBLINGS = 32

/** What has to be known of a session in order to refresh it. Hashes only; the tokens are kept nowhere. */
export interface Session {
  readonly sessionId: SessionId
  readonly familyHash: string
  /** Tokens that may be used: one, or several that replaced the same one. The first that is used ends the others. */
  readonly usable: readonly string[]
  /** The token that the usable ones replaced. */
  readonly replaced?: { readonly hash: string; readonly at: string }
  readonly expiresAt: string
}

export const hasExpired = ({ expiresAt }: Session, now: Date): boolean => now >= new Date(expiresAt)

/** Whether a token may be exchanged for another one now. If not, it was used up: it is in the wrong hands, or was. */
export const accepts = ({ usable, replaced }: Session, hash: string, now: Date): boolean =>
  usable.includes(hash) ||
  (replaced?.hash === hash &&
    now.getTime() - new Date(replaced.at).getTime() <= GRACE &&
    usable.length < MAX_SIBLINGS)

/** The session after one of its tokens was used, and another one given out for it. */
export const refreshed = (
  session: Session,
  by: {
    readonly usedHash: string
    readonly refreshHash: string
    readonly refreshedAt: string
    readonly expiresAt: string
  },
): Session => {
  const { usedHash, refreshHash, refreshedAt, expiresAt } = by
  return session.replaced?.hash === usedHash
    ? { ...session, usable: [...session.usable, refreshHash], expiresAt }
    : { ...session, usable: [refreshHash], replaced: { hash: usedHash, at: refreshedAt }, expiresAt }
}
