import type { IncomingMessage, ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'

import type { Principal } from '../security/access.ts'
import { readBody } from './body.ts'

export interface Matched {
  readonly params: Readonly<Record<string, string | undefined>>
  /** A name that comes more than once has an array of values, whatever the router's types say. */
  readonly query: Readonly<Record<string, unknown>>
}

const hostPattern = /^[a-z0-9._~-]+(?::\d{1,5})?$|^\[[0-9a-f:.]+\](?::\d{1,5})?$/iu
const prefixPattern = /^(?:\/[\w.~-]+)+$/u

/** One request on its way to an answer. */
export class Exchange {
  readonly principal: Principal
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #matched: Matched
  #gone: AbortController | undefined

  constructor(request: IncomingMessage, response: ServerResponse, principal: Principal, matched: Matched) {
    this.#request = request
    this.#response = response
    this.principal = principal
    this.#matched = matched
  }

  /** Part of the path, decoded. */
  param(name: string): string {
    return this.#matched.params[name] ?? ''
  }

  /** What stands behind the question mark under a name: the last one, if there are several. */
  query(name: string): string | undefined {
    const value: unknown = [this.#matched.query[name]].flat().at(-1)
    return typeof value === 'string' ? value : undefined
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }

  /** Aborted when nobody waits for the answer any more. */
  get gone(): AbortSignal {
    if (this.#gone === undefined) {
      const gone = new AbortController()
      this.#gone = gone
      if (this.#response.destroyed) gone.abort()
      else this.#response.once('close', () => gone.abort())
    }
    return this.#gone.signal
  }

  /**
   * The node's address as this client knows it, for links: that of the last proxy if there is one. What doesn't
   * look like a host or a path is left out, as links are no place for whatever a header says.
   */
  get base(): string {
    const { socket } = this.#request
    const ownScheme = socket instanceof TLSSocket ? 'https' : 'http'
    const forwarded = this.header('x-forwarded-proto')
    const scheme = forwarded === 'http' || forwarded === 'https' ? forwarded : ownScheme
    const hosts = [this.header('x-forwarded-host'), this.header('host')]
    const host = hosts.find((name) => name !== undefined && hostPattern.test(name))
    const prefix = this.header('x-forwarded-prefix') ?? ''
    const address =
      host ?? `${socket.localAddress?.includes(':') === true ? '[::1]' : '127.0.0.1'}:${socket.localPort}`
    return `${scheme}://${address}${prefixPattern.test(prefix) ? prefix : ''}`
  }

  /** Rejects with 413 if there is more than `limit` bytes of it. */
  body(limit: number): Promise<Buffer> {
    return readBody(this.#request, limit)
  }
}
