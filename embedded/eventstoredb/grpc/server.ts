import { createServer as createHttp1Server, type RequestListener } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2'
import { createServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'

import type { Access, Principal } from '../security/access.ts'
import type { TlsIdentity } from '../security/tls.ts'
import { warn, type Report } from '../report.ts'
import { Call } from './call.ts'
import { frame } from './frames.ts'
import { Code } from './status.ts'

export type Handler = (call: Call) => void
export type Handlers = ReadonlyMap<string, Handler>

const windowSize = 4 * 1024 * 1024
const goodbyeMs = 500
const handshakeMs = 10_000
/** Longer than any request waits for an answer. */
const idleMs = 120_000

export interface RpcServerOptions {
  readonly handlers: Handlers
  /** Answers HTTP/1.1. */
  readonly pages: RequestListener
  readonly access: Pick<Access, 'authenticate'>
  /** Absent: plaintext. */
  readonly tls?: TlsIdentity | undefined
  readonly report?: Report
}

export interface ServerLoad {
  readonly connections: number
  /** gRPC calls under way, subscriptions among them. */
  readonly calls: number
  readonly subscriptions: number
}

/**
 * gRPC and HTTP/1.1 on one port, plaintext or TLS. node:http2 is used directly, because a general gRPC server costs
 * more per message than everything else that this node does with it.
 */
export class RpcServer {
  readonly #handlers: Handlers
  readonly #access: Pick<Access, 'authenticate'>
  readonly #calls = new Set<Call>()
  readonly #sessions = new Set<ServerHttp2Session>()
  readonly #sockets = new Set<Socket>()
  readonly #http1Sockets = new Set<Socket>()
  readonly #http1
  readonly #http2
  readonly #net: Server

  constructor({ handlers, pages, access, tls, report = warn }: RpcServerOptions) {
    this.#handlers = handlers
    this.#access = access
    this.#http1 = createHttp1Server(pages)
    this.#http1.timeout = idleMs
    this.#http2 = createHttp2Server({
      settings: { initialWindowSize: windowSize },
      maxSessionMemory: 256,
      // Clients end reads and subscriptions by resetting them; by default many at once would count as an attack.
      streamResetBurst: 1_000_000,
      streamResetRate: 1_000_000,
    })
    this.#http2.on('session', (session) => {
      this.#sessions.add(session)
      session.setLocalWindowSize(windowSize * 2)
      session.on('error', () => session.destroy())
      session.on('close', () => this.#sessions.delete(session))
    })
    this.#http2.on('stream', (stream, headers) => this.#serve(new Call(stream, headers, report)))
    this.#net = tls === undefined ? this.#createPlain() : this.#createSecure(tls)
  }

  /** How much there is to do just now. */
  get load(): ServerLoad {
    let subscriptions = 0
    for (const call of this.#calls) if (call.isSubscription) subscriptions += 1
    return { connections: this.#sockets.size, calls: this.#calls.size, subscriptions }
  }

  /** Resolves with the port once connections are taken; rejects if the port can't be had. */
  listen(port: number, host: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#net.once('error', reject)
      this.#net.listen(port, host, () => {
        this.#net.removeListener('error', reject)
        const address = this.#net.address()
        resolve(typeof address === 'object' && address !== null ? address.port : port)
      })
    })
  }

  /** Ends every open call with UNAVAILABLE, which makes clients reconnect elsewhere or later. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#net.close(() => resolve()))
    for (const call of this.#calls) call.end({ code: Code.unavailable, message: 'Server is shutting down.' })
    for (const session of this.#sessions) session.close()
    // A server that is handed its sockets keeps no list of them, and so can't close them itself.
    for (const socket of this.#http1Sockets) socket.destroySoon()
    // A client that doesn't answer the goodbye must not keep the node from stopping.
    const impatience = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy()
    }, goodbyeMs)
    await closed
    clearTimeout(impatience)
  }

  #createPlain(): Server {
    return createServer((socket) => {
      this.#welcome(socket)
      socket.once('readable', () => {
        const first: unknown = socket.read()
        if (!Buffer.isBuffer(first)) return
        socket.unshift(first)
        // HTTP/2 with prior knowledge opens with "PRI * HTTP/2.0"; no HTTP/1 method starts so.
        this.#handOver(socket, first.subarray(0, 3).toString('latin1') === 'PRI')
      })
    })
  }

  /**
   * Clients say while they shake hands what they speak; who says nothing speaks HTTP/1.1. So do browsers and others
   * who could do either: HTTP/2 is for gRPC, whose clients speak nothing else.
   */
  #createSecure({ cert, key }: TlsIdentity): Server {
    const options = { cert, key, ALPNProtocols: ['http/1.1', 'h2'], handshakeTimeout: handshakeMs }
    const server = createTlsServer(options, (socket) => {
      socket.on('error', () => socket.destroy())
      this.#handOver(socket, socket.alpnProtocol === 'h2')
    })
    return server.on('connection', (socket: Socket) => this.#welcome(socket))
  }

  #welcome(socket: Socket): void {
    this.#sockets.add(socket)
    socket.setNoDelay(true)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => socket.destroy())
  }

  #handOver(socket: Socket, isHttp2: boolean): void {
    if (isHttp2) {
      this.#http2.emit('connection', socket)
    } else {
      this.#http1Sockets.add(socket)
      socket.on('close', () => this.#http1Sockets.delete(socket))
      this.#http1.emit('connection', socket)
    }
  }

  #serve(call: Call): void {
    this.#calls.add(call)
    call.onClosed(() => this.#calls.delete(call))
    try {
      const principal = this.#access.authenticate(call.headers.authorization)
      if (!(principal instanceof Promise)) {
        this.#dispatch(call, principal)
        return
      }
      principal.then(
        (known) => this.#dispatch(call, known),
        (error: unknown) => call.fail(error),
      )
    } catch (error) {
      call.fail(error)
    }
  }

  #dispatch(call: Call, principal: Principal): void {
    // The client may have left while its password was checked.
    if (call.ended) return
    const path = call.headers[':path'] ?? ''
    const handler = this.#handlers.get(path)
    if (handler === undefined) {
      call.end({ code: Code.unimplemented, message: `${path} is not implemented by this node.` })
      return
    }
    call.principal = principal
    try {
      handler(call)
    } catch (error) {
      call.fail(error)
    }
  }
}

/** One request, one response; a thrown StatusError becomes the status. */
export function unary(answer: (request: Buffer, call: Call) => Uint8Array | Promise<Uint8Array>): Handler {
  return (call) => {
    let request: Buffer | undefined
    const reply = async (): Promise<void> => {
      try {
        const response = await answer(request ?? Buffer.alloc(0), call)
        call.send(frame(response))
        call.end()
      } catch (error) {
        call.fail(error)
      }
    }
    call.onMessages(
      (message) => (request = message),
      () => void reply(),
    )
  }
}
