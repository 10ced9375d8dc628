import type { FastifyReply, FastifyRequest } from 'fastify'
import type { WebSocket } from 'ws'
import { z } from 'zod'
import type { Access } from '../../access/access.ts'
import { endWhenOver } from '../../access/socket.ts'
import type { OrderId } from '../../domain/ids.ts'
import { Overloaded } from '../../eventstore/faults.ts'
import { followOrder } from '../../live/followOrder.ts'
import type { LiveQueue } from '../../live/queue.ts'
import type { LiveParts } from '../../live/subscriber.ts'
import type { OrderUpdate } from '../../live/updates.ts'
import { seenIn } from '../../projections/consistency.ts'
import { ApiError } from '../../service/errors.ts'
import { sendProblem } from '../../service/problems.ts'
import { queryHeaders } from '../../service/rest/headers.ts'
import { problems } from '../../service/rest/problem.ts'
import { OrderIdField } from '../../service/rest/schemas.ts'
import { tokenIn, viewerOf } from '../../service/rest/scope.ts'
import type { RestScope } from '../../service/rest/scope.ts'
import { noSuchOrder } from './refused.ts'
import { StatusMessage } from './schemas.ts'
import { watched } from './shape.ts'
import { CLOSE, keepAlive } from './sockets.ts'

export interface LiveRouteParts extends LiveParts {
  readonly onceOver: Access['onceOver']
  /** Milliseconds between two pings; whoever does not answer one in that time is gone. */
  readonly pingEvery?: number
  readonly maxSockets?: number
}

/** `GET /orders/{id}/ws`: the status of an order, and then each change of it. */
export const liveRoute = (http: RestScope, parts: LiveRouteParts): void => {
  const { onceOver, pingEvery = 12_000, maxSockets = 10_000 } = parts
  const followed = new WeakMap<FastifyRequest, LiveQueue<OrderUpdate>>()
  let open = 0

  /** Whatever is refused is so before there is a WebSocket, by its status. */
  const follow = async (request: FastifyRequest<{ Params: { id: OrderId } }>, reply: FastifyReply) => {
    if (!request.ws) return
    if (open >= maxSockets) throw new Overloaded('too many sockets')
    open++
    request.raw.socket.once('close', () => open--)
    try {
      const wanted = { id: request.params.id, customer: viewerOf(request).id, after: undefined }
      const queue = await followOrder(parts, { ...wanted, seen: seenIn(tokenIn(request)) })
      request.raw.socket.once('close', () => void queue.return())
      if (request.raw.socket.destroyed) await queue.return()
      followed.set(request, queue)
    } catch (fault) {
      if (!(fault instanceof ApiError) || fault.code !== 'NOT_FOUND') throw fault
      await noSuchOrder(reply)
    }
  }

  http.route({
    method: 'GET',
    url: '/orders/:id/ws',
    exposeHeadRoute: false,
    schema: {
      tags: ['orders'],
      operationId: 'watchOrder',
      summary: 'Watch an order (WebSocket)',
      description:
        'The first message is the present status, and then comes each change, once and without a gap. The server closes ' +
        'with 1000 after a status that is final, 1001 when it stops (come again), 1013 when the client does not keep up, ' +
        '4403 when the access token expires or is revoked. A client has nothing to say but to close.',
      headers: queryHeaders,
      params: z.object({ id: OrderIdField }),
      response: {
        101: {
          description: 'The WebSocket is open. Its messages are as this schema says.',
          content: { 'application/json': { schema: StatusMessage } },
        },
        ...problems(400, 401, 403, 404, 426, 500, 503),
      },
    },
    preHandler: follow,
    handler: async (_, reply) => {
      void reply.header('upgrade', 'websocket').header('connection', 'upgrade')
      await sendProblem(reply, { status: 426, detail: 'This is a WebSocket: ask for an upgrade.' })
    },
    wsHandler: async (socket, request) => {
      const queue = followed.get(request)
      if (!queue) return
      keepAlive(socket, pingEvery)
      endWhenOver({ onceOver }, viewerOf(request), socket)
      socket.once('close', () => void queue.return())
      try {
        await pass(queue, socket)
        socket.close(CLOSE.done, 'The order has come to its end.')
      } catch (fault) {
        const isTold = fault instanceof ApiError
        if (!isTold) request.log.error({ err: fault }, 'a watched order')
        socket.close(
          isTold ? CLOSE.tryAgain : CLOSE.fault,
          isTold ? reasonOf(fault.message) : 'Something went wrong on our side.',
        )
      }
    },
  })
}

/** Sends each status that differs from the one before, no faster than the client takes them. */
const pass = async (queue: LiveQueue<OrderUpdate>, socket: WebSocket): Promise<void> => {
  let last: StatusMessage['status'] | undefined
  for await (const { orderId, status } of queue) {
    const next = watched[status]
    if (next === last) continue
    last = next
    await sent(socket, { order_id: orderId, status: next })
  }
}

const sent = (socket: WebSocket, message: StatusMessage): Promise<void> => {
  const { promise, resolve } = Promise.withResolvers<void>()
  // One that can't be sent has lost its client: the queue ends with the socket.
  socket.send(JSON.stringify(message), () => resolve())
  return promise
}

/** A close frame has room for 123 bytes. */
const reasonOf = (why: string): string => Buffer.from(why).subarray(0, 120).toString()
