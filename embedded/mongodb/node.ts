import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { NodeFacts, Traffic } from './commands/command.ts'
import { answerWith } from './commands/registry.ts'
import { Usage } from './commands/usage.ts'
import { Store } from './engine/store.ts'
import { serveConnection } from './wire/connection.ts'

export interface NodeOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number
  readonly host?: string
  /** The directory of the data, made if missing; without it, a temporary one, removed when the node stops. */
  readonly db?: string
  /** The clock by which documents expire and cursors grow old, in milliseconds. */
  readonly now?: () => number
  /** Milliseconds between two looks for expired documents; a minute, unless a test is in a hurry. */
  readonly ttlInterval?: number
}

/** A MongoDB node on loopback: what it acknowledged is on disk. */
export class MongoDBNode {
  readonly port: number
  readonly connectionString: string
  readonly #server: Server
  readonly #store: Store
  readonly #sockets: ReadonlySet<Socket>
  readonly #cleanUp: () => void

  private constructor(
    server: Server,
    store: Store,
    sockets: ReadonlySet<Socket>,
    host: string,
    port: number,
    cleanUp: () => void,
  ) {
    this.#cleanUp = cleanUp
    this.#server = server
    this.#store = store
    this.#sockets = sockets
    this.port = port
    this.connectionString = `mongodb://${host}:${port}/?directConnection=true`
  }

  /** Resolves when it takes connections; rejects if the port is taken or the directory can't be used. */
  static async start({
    port = 0,
    host = '127.0.0.1',
    db,
    now = Date.now,
    ttlInterval,
  }: NodeOptions = {}): Promise<MongoDBNode> {
    const sockets = new Set<Socket>()
    const server = createServer()
    const bound = await listen(server, port, host)
    const directory = db ?? mkdtempSync(join(tmpdir(), 'mongodb-'))
    const store = await opened(server, () => new Store(directory, now, ttlInterval), directory)
    const cleanUp = () => db === undefined && rmSync(directory, { recursive: true, force: true })
    const facts: NodeFacts = {
      started: new Date(),
      host,
      port: bound,
      directory,
      connections: () => ({ current: sockets.size, totalCreated }),
      traffic: () => trafficOf(sockets, closed),
      usage: new Usage(),
    }
    let totalCreated = 0
    const closed = { bytesIn: 0, bytesOut: 0 }
    server.on('connection', (socket) => {
      const connectionId = ++totalCreated
      sockets.add(socket)
      socket.once('close', () => {
        sockets.delete(socket)
        Object.assign(closed, trafficOf([socket], closed))
        facts.usage.abandon(connectionId)
      })
      void serveConnection(socket, answerWith(store, facts, connectionId))
    })
    return new MongoDBNode(server, store, sockets, host, bound, cleanUp)
  }

  /** Stops taking connections, closes those there are, and the store. */
  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
    await this.#store.close()
    this.#cleanUp()
  }
}

/** What went over the connections there are and over those that are closed. */
function trafficOf(sockets: Iterable<Socket>, closed: Traffic): Traffic {
  let { bytesIn, bytesOut } = closed
  for (const { bytesRead, bytesWritten } of sockets) {
    bytesIn += bytesRead
    bytesOut += bytesWritten
  }
  return { bytesIn, bytesOut }
}

/** The store, or no server either. */
async function opened(server: Server, open: () => Store, directory: string): Promise<Store> {
  try {
    mkdirSync(directory, { recursive: true })
    return open()
  } catch (error) {
    server.close()
    await once(server, 'close')
    throw error
  }
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: Error): void => reject(isTaken(error) ? new Error(`port ${port} is taken`) : error)
    server.once('error', failed)
    server.listen(port, host, () => {
      server.off('error', failed)
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

function isTaken(error: Error): boolean {
  return 'code' in error && error.code === 'EADDRINUSE'
}
