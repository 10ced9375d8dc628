import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'

/** A WebSocket that notes what it is told, as text. */
export const watchSocket = (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const socket = new WebSocket(url, { headers })
  const messages: string[] = []
  const answered = Promise.withResolvers<number | undefined>()
  const closed = Promise.withResolvers<number>()
  socket.on('message', (data: Buffer) => messages.push(data.toString()))
  socket.on('open', () => answered.resolve(101))
  socket.on('unexpected-response', (request, { statusCode }) => {
    answered.resolve(statusCode)
    request.destroy()
  })
  socket.on('close', (code) => closed.resolve(code))
  // Said by the one whose request was destroyed, after its status.
  socket.on('error', () => answered.resolve(undefined))
  onTestFinished(() => socket.terminate())
  return {
    socket,
    messages,
    /** The status of the answer: 101 where there is a WebSocket. */
    answered: answered.promise,
    /** The code with which it was closed. */
    closed: closed.promise,
  }
}
