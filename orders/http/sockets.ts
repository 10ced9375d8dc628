import websocket from '@fastify/websocket'
import type { FastifyInstance } from 'fastify'
import type { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import type { WebSocket } from 'ws'

/** Bytes of a message to us: there is nothing to say. */
const MAX_MESSAGE = 1_024
/** Milliseconds that clients have to say goodbye when we stop. */
const GOODBYE = 1_000
/** Milliseconds that a connection may wait for an upgrade; a WebSocket has pings instead. */
const UPGRADE = 10_000

/** Close codes (RFC 6455 and its registry). */
export const CLOSE = { done: 1000, goingAway: 1001, fault: 1011, tryAgain: 1013 } as const

/**
 * Makes WebSockets possible for all routes that are added from then on. When the server closes they are sent away
 * with 1001, upon which clients come again, perhaps to another instance.
 */
export const serveSockets = (http: FastifyInstance): void => {
  // Where the upgrade is refused, nothing else ends the connection: HTTP has let go of it by then.
  const connections = new Set<Socket>()
  http.server.on('upgrade', ({ socket }) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
    socket.setTimeout(UPGRADE, () => socket.destroy())
  })
  void http.register(websocket, {
    options: { maxPayload: MAX_MESSAGE },
    preClose: async () => {
      const sockets = [...http.websocketServer.clients]
      for (const socket of sockets) socket.close(CLOSE.goingAway, 'This instance is stopping; come again.')
      await Promise.race([Promise.all(sockets.map(closed)), delay(GOODBYE)])
      for (const connection of connections) connection.destroy()
      http.websocketServer.close()
    },
  })
}

/** Pings a client; one that has not answered by the next ping is gone. Ends with the socket. */
export const keepAlive = (socket: WebSocket, every: number): void => {
  let isAlive = true
  socket.on('pong', () => (isAlive = true))
  const timer = setInterval(() => {
    if (!isAlive) return socket.terminate()
    isAlive = false
    return socket.ping()
  }, every)
  socket.once('close', () => clearInterval(timer))
}

const closed = (socket: WebSocket): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  socket.once('close', () => resolve())
  return promise
}
