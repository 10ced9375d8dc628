import { mustBeOurs } from './origin.ts'
import type { Verify } from './token.ts'
import { isViewer } from './viewer.ts'
import type { AuthError, Authenticate, RequestFacts, Viewer } from './viewer.ts'

/** The cookie in which a browser keeps its access token. */
export const ACCESS_COOKIE = 'counterfoil_access'

export interface ByTokenOptions {
  readonly verify: Verify
  /** Why somebody's access is over before its time; undefined if it isn't. */
  readonly whyOver: (viewer: Viewer) => Promise<string | undefined>
  /** The origin of our own pages. */
  readonly origin: string
}

/**
 * `AUTH_MODE=jwt`: an access token of ours says who the user is, in the header `Authorization` or else in a cookie.
 * Nothing else is believed, and never a second one where the first is not good.
 */
export const byToken =
  ({ verify, whyOver, origin }: ByTokenOptions): Authenticate =>
  async (facts) => {
    const token = tokenIn(facts, origin)
    if (typeof token !== 'string') return token
    const viewer = await verify(token)
    if (!isViewer(viewer)) return viewer
    const over = await whyOver(viewer)
    return over === undefined ? viewer : { unauthenticated: over, challenge: 'Bearer error="invalid_token"' }
  }

const tokenIn = (facts: RequestFacts, origin: string): string | AuthError => {
  const header = facts('authorization')
  if (header !== undefined)
    return (
      /^Bearer +([\w.~+/=-]+)$/i.exec(header)?.[1] ??
      unknown('The header Authorization is not “Bearer <token>”.')
    )
  const [cookie, another] = cookiesIn(facts('cookie') ?? '')
  if (cookie === undefined)
    return unknown('Say who you are: an access token is missing, as “Authorization: Bearer <token>”.')
  mustBeOurs(facts, origin)
  return another === undefined ? cookie : unknown('There is more than one access token among the cookies.')
}

/** Each value that our cookie has. Another page of the same domain may have set a second one, with its own token. */
const cookiesIn = (header: string): readonly string[] =>
  header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${ACCESS_COOKIE}=`))
    .map((pair) => pair.slice(ACCESS_COOKIE.length + 1))
    .filter((value) => value !== '')

const unknown = (why: string): AuthError => ({ unauthenticated: why, challenge: 'Bearer' })
