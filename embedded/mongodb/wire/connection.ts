import { once } from 'node:events'
import type { Socket } from 'node:net'
import type { RawDocument } from '../bson/types.ts'
import { MongoError } from '../errors.ts'
import { Framing, OversizedMessage } from './framing.ts'
import { decodeMessage, type Request } from './messages.ts'

/** Answers one command. It never throws: a refusal is an answer too. */
export type Answer = (request: Request) => RawDocument | Promise<RawDocument>

/** Unread answers may fill this much before the client's next command waits for them to be read. */
const mostUnread = 4 * 1024 * 1024

/**
 * Serves one client: commands are answered one by one in their order, and while a client reads slower than it asks,
 * nothing more is read from it.
 */
export async function serveConnection(socket: Socket, answer: Answer): Promise<void> {
  const framing = new Framing()
  socket.setNoDelay(true)
  // The loop below meets every error of the socket; this one is for those that come when it has ended.
  socket.on('error', () => socket.destroy())
  try {
    for await (const chunk of socket) {
      if (!Buffer.isBuffer(chunk)) continue
      for (const message of framing.push(chunk)) {
        const request = decodeMessage(message)
        const result = answer(request)
        const body = result instanceof Promise ? await result : result
        if (!request.answered) continue
        socket.write(request.reply(body))
        if (socket.writableLength > mostUnread) await once(socket, 'drain')
      }
    }
  } catch (error) {
    // A client that went away, or that doesn't speak the protocol, loses its connection; the others don't notice.
    if (!isHarmless(error)) console.error('mongodb: connection closed:', error)
  } finally {
    socket.destroy()
  }
}

function isHarmless(error: unknown): boolean {
  if (error instanceof MongoError || error instanceof OversizedMessage || error instanceof RangeError)
    return true
  return error instanceof Error && 'code' in error
}
