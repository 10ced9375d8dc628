import type { ServerResponse } from 'node:http'

import { document, type Page } from './page.ts'
import { href, type Place } from './places.ts'

/** What a request comes to. Followers keep their response and answer for themselves. */
export type Answer =
  | Page
  | { readonly kind: 'redirect'; readonly place: Place }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Buffer }
  | { readonly kind: 'follow'; readonly follow: (response: ServerResponse) => void }

export const redirect = (place: Place): Answer => ({ kind: 'redirect', place })

/**
 * Nothing but the node's own files may run or be loaded, no other site may frame a page or be sent a form, and
 * markup enters the page through the one policy that the script names.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types rendered-by-node',
].join('; ')

export const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
} as const

interface Frame {
  readonly version: string
  readonly who: string | undefined
}

export function send(response: ServerResponse, answer: Answer, frame: Frame): void {
  if (answer.kind === 'follow') {
    answer.follow(response)
    return
  }
  if (answer.kind === 'redirect') {
    response.writeHead(303, { ...securityHeaders, location: href(answer.place), 'content-length': 0 }).end()
    return
  }
  const [status, bytes, headers] =
    answer.kind === 'file'
      ? [200, answer.bytes, fileHeaders(answer.name)]
      : [answer.status, Buffer.from(document(answer, frame).text), pageHeaders(answer.status)]
  response.writeHead(status, { ...securityHeaders, ...headers, 'content-length': bytes.length }).end(bytes)
}

const pageHeaders = (status: number): Record<string, string> => ({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'private, no-cache',
  ...(status === 401 ? { 'www-authenticate': 'Basic realm="EventStoreDB", charset="UTF-8"' } : {}),
})

/** Whatever an event carries is saved, never opened by the browser. */
const fileHeaders = (name: string): Record<string, string> => ({
  'content-type': 'application/octet-stream',
  'content-disposition': `attachment; filename="${name}"`,
  'cache-control': 'private, no-cache',
})
