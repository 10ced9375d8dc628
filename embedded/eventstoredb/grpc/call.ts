import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2'

import { anonymous, type Principal } from '../security/access.ts'
import type { Report } from '../report.ts'
import { MessageCutter } from './frames.ts'
import { asciiValue, Code, grpcMessage, isOurFault, okStatus, statusOf, type Status } from './status.ts'

/** The most that a real node takes in one message to Streams. */
const maxMessageSize = 16 * 1024 * 1024 - 10_000

/**
 * One gRPC call, either kind of streaming. Frames sent in one tick reach HTTP/2 as one write, which is most of
 * what a small message costs; `congested` and `onDrain` let producers wait for a slow client.
 */
export class Call {
  readonly headers: IncomingHttpHeaders
  /** Whose call it is; the server says so before a handler sees the call. */
  principal: Principal = anonymous
  /** Whether it goes on until one of the two ends it. */
  isSubscription = false
  readonly #stream: ServerHttp2Stream
  readonly #report: Report
  #out: Buffer[] = []
  #flushing = false
  #responded = false
  #ended = false
  #status: Status = okStatus
  readonly #closed: (() => void)[] = []

  constructor(stream: ServerHttp2Stream, headers: IncomingHttpHeaders, report: Report) {
    this.#stream = stream
    this.#report = report
    this.headers = headers
    // Cancellation and broken connections arrive here as errors; 'close' follows and is what matters.
    stream.on('error', () => this.#stream.close())
    stream.on('close', () => {
      this.#ended = true
      for (const listener of this.#closed.splice(0)) listener()
    })
  }

  get ended(): boolean {
    return this.#ended
  }

  /** The client has cancelled or is lost; what is written now would throw. */
  get #gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed
  }

  get connectionName(): string {
    const name = this.headers['connection-name']
    return typeof name === 'string' ? name : '<unknown>'
  }

  /** True while the client takes less than it is sent: stop producing until `onDrain`. */
  get congested(): boolean {
    return this.#stream.writableNeedDrain
  }

  onDrain(listener: () => void): void {
    this.#stream.on('drain', listener)
  }

  onClosed(listener: () => void): void {
    if (this.#stream.destroyed) listener()
    else this.#closed.push(listener)
  }

  /** An error thrown by a listener ends the call with its status. */
  onMessages(onMessage: (message: Buffer) => void, onHalfClose: () => void): void {
    const cutter = new MessageCutter(maxMessageSize)
    const deliver = (message: Buffer): void => {
      if (!this.#ended) onMessage(message)
    }
    this.#stream.on('data', (chunk: Buffer) => {
      if (this.#ended) return
      try {
        cutter.cut(chunk, deliver)
      } catch (error) {
        this.fail(error)
      }
    })
    this.#stream.on('end', () => {
      if (this.#ended) return
      try {
        onHalfClose()
      } catch (error) {
        this.fail(error)
      }
    })
  }

  pause(): void {
    this.#stream.pause()
  }

  resume(): void {
    this.#stream.resume()
  }

  /** Headers go out at once, so that a client of a quiet subscription knows that it is connected. */
  respond(): void {
    if (this.#responded || this.#gone) return
    this.#responded = true
    this.#stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    this.#stream.on('wantTrailers', () => this.#stream.sendTrailers(trailersOf(this.#status)))
  }

  /** Queues an already framed message. */
  send(framed: Buffer): void {
    if (this.#ended) return
    this.#out.push(framed)
    if (this.#flushing) return
    this.#flushing = true
    process.nextTick(this.#flushLater)
  }

  readonly #flushLater = (): void => {
    this.#flushing = false
    this.flush()
  }

  flush(): void {
    const out = this.#out
    const [first] = out
    if (first === undefined || this.#gone) return
    this.respond()
    this.#stream.write(out.length === 1 ? first : Buffer.concat(out))
    this.#out = []
  }

  /** Ends with what was thrown. Unless the client has only itself to blame, the operator hears of it too. */
  fail(error: unknown): void {
    if (isOurFault(error)) this.#report(`${this.headers[':path'] ?? ''} has failed: ${String(error)}`)
    this.end(statusOf(error))
  }

  end(status: Status = okStatus): void {
    if (this.#ended || this.#gone) return
    this.flush()
    this.#ended = true
    this.#status = status
    if (this.#responded) {
      this.#stream.end()
    } else {
      this.#stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', ...trailersOf(status) },
        { endStream: true },
      )
    }
    // What the client still sends after the end would otherwise hold the stream open.
    if (status.code !== Code.ok) this.#stream.resume()
  }
}

function trailersOf(status: Status): Record<string, string> {
  const trailers: Record<string, string> = { 'grpc-status': String(status.code) }
  if (status.message !== '') trailers['grpc-message'] = grpcMessage(status.message)
  for (const [key, value] of Object.entries(status.trailers ?? {})) trailers[key] = asciiValue(value)
  return trailers
}
