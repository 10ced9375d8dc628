import type { FastifyInstance } from 'fastify'
import { useServer } from 'graphql-ws/use/ws'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocketServer } from 'ws'
import type { ApiParts } from './http.ts'
import { MAX_BODY } from './limits.ts'
import { socketOperations } from './socketOperations.ts'
import type { Known, Params } from './socketOperations.ts'

const MAX_CONNECTIONS = 10_000
/** Milliseconds between two pings; whoever does not answer one in that time is gone. */
const KEEP_ALIVE = 12_000
/** Milliseconds that clients have to say goodbye when we stop. */
const GOODBYE = 1_000

/**
 * Adds `/graphql` over WebSocket, by graphql-ws, with the same schema, context and limits as over HTTP. When
 * the server closes, clients are sent away with 1001, upon which they come again, perhaps to another instance.
 */
export const serveWebSocket = (http: FastifyInstance, parts: ApiParts) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_BODY })
  const options = { ...socketOperations(parts), isProd: true }
  const { dispose } = useServer<Params, Known>(options, sockets, KEEP_ALIVE)
  let stopping = false

  http.server.on('upgrade', (request, socket, head) => {
    const refused = refusal(request.url ?? '', !stopping && sockets.clients.size < MAX_CONNECTIONS)
    if (refused) socket.end(`HTTP/1.1 ${refused}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    else sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request))
  })

  http.addHook('preClose', async () => {
    stopping = true
    const leaving = [...sockets.clients]
    const disposed = Promise.resolve(dispose())
    await Promise.race([disposed, delay(GOODBYE)])
    for (const client of leaving) client.terminate()
    await disposed
  })
}

const refusal = (url: string, isOpen: boolean): string | undefined => {
  if (url.split('?')[0] !== '/graphql') return '404 Not Found'
  return isOpen ? undefined : '503 Service Unavailable'
}
