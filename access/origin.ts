import { ApiError } from '../service/errors.ts'
import type { RequestFacts } from './viewer.ts'

const foreign = () =>
  new ApiError('FORBIDDEN', 'A cookie counts only for requests of our own pages: their Origin must be ours.')

const harmless: ReadonlySet<string | undefined> = new Set(['GET', 'HEAD'])

/**
 * Throws FORBIDDEN unless a request that brings a cookie may be believed: browsers add cookies to whatever any
 * page asks of us. So one that could change something, or opens a WebSocket, must be of a page of this service or of
 * the API's (`origin`). Both headers are the browser's own word, which pages can't change.
 */
export const mustBeOurs = (facts: RequestFacts, origin: string): void => {
  if (harmless.has(facts(':method')) && facts('upgrade') === undefined) return
  if (facts('sec-fetch-site') !== 'same-origin' && facts('origin') !== origin) throw foreign()
}

/** Throws FORBIDDEN for a page that is not of the address which was asked. */
export const mustBeOfThisAddress = (facts: RequestFacts): void => {
  const origin = facts('origin')
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === facts('host'))) return
  throw new ApiError(
    'FORBIDDEN',
    'X-User-ID as a parameter of a connection counts for pages of this address only.',
  )
}
