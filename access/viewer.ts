import { UserId } from '../domain/ids.ts'
import { Role } from '../domain/role.ts'

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
export const byHeader: Authenticate = (facts) => new Promise((resolve) => resolve(viewerIn(facts)))

const viewerIn = (facts: RequestFacts): Viewer | AuthError => {
  const user = facts('x-user-id')
  if (!user) return { unauthenticated: 'Say who you are: the header X-User-ID, a UUID, is missing.' }
  const id = UserId.safeParse(user)
  if (!id.success) return { unauthenticated: 'The header X-User-ID is not a UUID.' }
  const role = Role.safeParse(facts('x-user-role') ?? 'USER')
  if (!role.success) return { unauthenticated: 'The header X-User-Role is neither USER nor ADMIN.' }
  return { id: id.data, role: role.data }
}
