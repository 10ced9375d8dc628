import { z } from 'zod'
import { UserId } from '../domain/ids.ts'

export const Role = z.enum(['USER', 'ADMIN'])
export type Role = z.infer<typeof Role>

/** Who is asking. */
export interface Viewer {
  readonly id: UserId
  readonly role: Role
  /** What they signed in with; not where a gateway says who they are. */
  readonly session?: Session
}

/** A sign-in, as an access token tells of it. */
export interface Session {
  readonly id: string
  /** From then on the token does not count any more. */
  readonly expiresAt: Date
}

/** Whether somebody may see what is that customer's: it is their own, or they are an admin. */
export const maySee = ({ id, role }: Viewer, customer: UserId): boolean => role === 'ADMIN' || id === customer

/** Why it is not known who is asking. */
export interface AuthError {
  readonly unauthenticated: string
  /** What would be believed, for the header `WWW-Authenticate`. */
  readonly challenge?: string
}

/** What a request says about itself: a header's value by its name in lower case; its method is `:method`. */
export type RequestFacts = (header: string) => string | undefined

/**
 * Finds out who is asking; each `AUTH_MODE` is one of these. Throws FORBIDDEN where a page of another site may be
 * asking in somebody's name, and `Unavailable` where it can't be found out at the moment.
 */
export type Authenticate = (facts: RequestFacts) => Promise<Viewer | AuthError>

export const isViewer = (known: Viewer | AuthError): known is Viewer => 'id' in known

/** `AUTH_MODE=header`: a gateway in front of us, or one's own machine, says who the user is. */
export const byHeader: Authenticate = (facts) => Promise.resolve(viewerIn(facts))

const viewerIn = (facts: RequestFacts): Viewer | AuthError => {
  const user = facts('x-user-id')
  if (!user) return { unauthenticated: 'Say who you are: the header X-User-ID, a UUID, is missing.' }
  const id = UserId.safeParse(user)
  if (!id.success) return { unauthenticated: 'The header X-User-ID is not a UUID.' }
  const role = Role.safeParse(facts('x-user-role') ?? 'USER')
  if (!role.success) return { unauthenticated: 'The header X-User-Role is neither USER nor ADMIN.' }
  return { id: id.data, role: role.data }
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * The facts of an HTTP request; a header that comes twice counts as one malformed value. Without its method it counts
 * as one that could change something.
 */
export const factsOf =
  (headers: Headers, method?: string): RequestFacts =>
  (name) => {
    if (name === ':method') return method
    const value = headers[name]
    return typeof value === 'string' || value === undefined ? value : value.join(', ')
  }

/** What says who somebody is; a browser can't set these headers where it opens a WebSocket. */
const IDENTITY: ReadonlySet<string> = new Set(['x-user-id', 'x-user-role', 'authorization'])

/**
 * The facts of a WebSocket. Who is asking is told by the upgrade request or, where that does not, by the
 * `connectionParams`. Never mixed, so that nobody adds a role to what a gateway said. All else (cookies, and which
 * site they come from) is of the upgrade request alone: a browser vouches for that, and a page for its parameters.
 */
export const factsOfSocket = (
  headers: Headers,
  params: Readonly<Record<string, unknown>> | undefined,
): RequestFacts => {
  const upgrade = factsOf(headers)
  if (upgrade('x-user-id') !== undefined || upgrade('authorization') !== undefined) return upgrade
  const given = new Map(Object.entries(params ?? {}).map(([name, value]) => [name.toLowerCase(), value]))
  return (name) => {
    if (!IDENTITY.has(name)) return upgrade(name)
    const value = given.get(name)
    return typeof value === 'string' || value === undefined ? value : 'not a string'
  }
}
