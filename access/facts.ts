import { mustBeOfThisAddress } from './origin.ts'
import type { RequestFacts } from './viewer.ts'

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
 * Any page may open a WebSocket to a service on its reader's own machine, and say that it is anybody: so what is
 * believed without proof must come from a page of this service, or from no page.
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
    if (value !== undefined && name !== 'authorization') mustBeOfThisAddress(upgrade)
    return typeof value === 'string' || value === undefined ? value : 'not a string'
  }
}
