import type { IncomingMessage } from 'node:http'

/**
 * Browsers let any page send requests to any address, this node on the developer's own machine included. What
 * they say about where a request comes from is enough to refuse such a page; other clients say nothing of it.
 */
export function isFromElsewhere({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  const site = headers['sec-fetch-site']
  if (site !== undefined) return site !== 'same-origin' && site !== 'none'
  const { origin } = headers
  return origin !== undefined && hostOf(origin) !== (headers.host ?? '').toLowerCase()
}

const hostOf = (origin: string): string | undefined =>
  URL.canParse(origin) ? new URL(origin).host : undefined
