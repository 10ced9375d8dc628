import type { ServerResponse } from 'node:http'

/** A whole response, before anyone sends it. */
export interface Answer {
  readonly status: number
  /** The reason phrase, where it says more than the status. */
  readonly reason?: string
  readonly type?: string
  readonly body?: string | Uint8Array
  /** Headers other than those of the body. */
  readonly extra?: Readonly<Record<string, string>>
}

interface JsonOptions {
  readonly status?: number
  readonly type?: string
  readonly extra?: Readonly<Record<string, string>>
}

export function jsonAnswer(value: unknown, options: JsonOptions = {}): Answer {
  const { status = 200, type = 'application/json', extra } = options
  const body = JSON.stringify(value)
  return { status, type: `${type}; charset=utf-8`, body, ...(extra === undefined ? {} : { extra }) }
}

export function textAnswer(text: string, options: { status?: number; reason?: string } = {}): Answer {
  return { status: 200, ...options, type: 'text/plain; charset=utf-8', body: text }
}

export const redirect = (status: 302 | 307, location: string, text = ''): Answer => ({
  ...textAnswer(text, { status }),
  extra: { location },
})

export function send(response: ServerResponse, answer: Answer): void {
  if (response.headersSent || response.destroyed) return
  const { status, reason, type, body, extra } = answer
  response.statusCode = status
  if (reason !== undefined) response.statusMessage = reason
  for (const [name, value] of Object.entries(extra ?? {})) response.setHeader(name, value)
  if (type !== undefined) response.setHeader('content-type', type)
  if (body !== undefined) response.setHeader('content-length', Buffer.byteLength(body))
  else if (status !== 204 && status !== 304) response.setHeader('content-length', 0)
  response.end(body)
}

/** Word for word what a real node says about a path that it doesn't know. */
export function notFound(response: ServerResponse): void {
  send(response, textAnswer('Not Found', { status: 404 }))
}
