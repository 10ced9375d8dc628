import {
  connect as connectHttp2,
  constants,
  type ClientHttp2Stream,
  type IncomingHttpHeaders,
} from 'node:http2'
import { isIP } from 'node:net'

import { frame, MessageCutter } from '../grpc/frames.ts'

/** A gRPC call with messages as bytes, for what the official client can't say. */
export interface RawOptions {
  /** Sent as Basic credentials. */
  readonly credentials?: { readonly username: string; readonly password: string }
  readonly headers?: Readonly<Record<string, string>>
  /** PEM of the authority that a TLS node's certificate is from. */
  readonly ca?: string
}

/** How a call ended. */
export interface RawEnd {
  readonly code: number
  readonly message: string
  /** Trailers, and headers of an answer that has no others; `grpc-status` and `grpc-message` included. */
  readonly trailers: Readonly<Record<string, string>>
}

export interface RawReply extends RawEnd {
  readonly messages: readonly Buffer[]
}

/** One message after another, then the end of the request; resolves with all that was answered. */
export async function rawCall(
  url: string,
  path: string,
  requests: readonly Uint8Array[],
  options: RawOptions = {},
): Promise<RawReply> {
  const call = openRawCall(url, path, options)
  for (const request of requests) call.send(request)
  call.halfClose()
  const end = await call.ended
  return { ...end, messages: call.messages }
}

/**
 * A call that stays open until one side ends it. `url` is a connection string of the official client;
 * credentials in it are used unless others are given.
 */
export function openRawCall(url: string, path: string, options: RawOptions = {}): RawCall {
  return new RawCall(url, path, options)
}

export class RawCall {
  /** What has come so far. */
  readonly messages: Buffer[] = []
  /** Resolves however the server ends the call; rejects if the connection is lost before. */
  readonly ended: Promise<RawEnd>
  readonly #stream: ClientHttp2Stream
  readonly #waiting = new Set<() => void>()
  #over = false

  constructor(url: string, path: string, options: RawOptions) {
    const target = targetOf(url)
    // By default a request of more than 10 MB fails before it is sent.
    const memory = { maxSessionMemory: 64 }
    const session = connectHttp2(
      target.origin,
      options.ca === undefined ? memory : { ...memory, ca: options.ca },
    )
    this.#stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...authorization(options.credentials ?? target.credentials),
      ...options.headers,
    })
    this.ended = new Promise((resolve, reject) => {
      const seen: Record<string, string> = {}
      const note = (headers: IncomingHttpHeaders): void => {
        for (const [name, value] of Object.entries(headers)) {
          if (!name.startsWith(':') && typeof value === 'string') seen[name] = value
        }
      }
      this.#stream.on('response', note)
      this.#stream.on('trailers', note)
      this.#stream.on('error', reject)
      session.on('error', reject)
      this.#stream.on('close', () => {
        session.close()
        this.#over = true
        this.#wake()
        const status = seen['grpc-status']
        if (status === undefined) reject(new Error(`The call of ${path} ended without a status.`))
        else resolve({ code: Number(status), message: decoded(seen['grpc-message']), trailers: seen })
      })
    })
    // Who doesn't look at the end, having cancelled the call, needn't hear that it was lost.
    this.ended.catch(() => undefined)
    const cutter = new MessageCutter(Number.POSITIVE_INFINITY)
    this.#stream.on('data', (chunk: Buffer) => {
      cutter.cut(chunk, (message) => this.messages.push(Buffer.from(message)))
      this.#wake()
    })
  }

  send(message: Uint8Array): void {
    this.#stream.write(frame(message))
  }

  halfClose(): void {
    this.#stream.end()
  }

  cancel(): void {
    this.#stream.close(constants.NGHTTP2_CANCEL)
  }

  /** The first `count` messages, once they are there; rejects if the call ends with fewer. */
  async receive(count: number): Promise<readonly Buffer[]> {
    while (this.messages.length < count) {
      if (this.#over) throw new Error(`The call ended after ${this.messages.length} of ${count} messages.`)
      await new Promise<void>((resolve) => this.#waiting.add(resolve))
    }
    return this.messages.slice(0, count)
  }

  #wake(): void {
    const waiting = [...this.#waiting]
    this.#waiting.clear()
    for (const resolve of waiting) resolve()
  }
}

interface Target {
  readonly origin: string
  readonly isAddress: boolean
  readonly credentials: RawOptions['credentials'] | undefined
}

function targetOf(connectionString: string): Target {
  const url = new URL(connectionString)
  const scheme = url.searchParams.get('tls') === 'false' ? 'http' : 'https'
  const credentials =
    url.username === ''
      ? undefined
      : { username: decodeURIComponent(url.username), password: decodeURIComponent(url.password) }
  return { origin: `${scheme}://${url.host}`, isAddress: isIP(url.hostname) !== 0, credentials }
}

/** The header of Basic credentials, if there are any. */
export function authorization(credentials: RawOptions['credentials']): Record<string, string> {
  if (credentials === undefined) return {}
  const { username, password } = credentials
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
}

const decoded = (message: string | undefined): string => decodeURIComponent(message ?? '')
