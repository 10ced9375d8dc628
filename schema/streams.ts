import type { FastifyReply } from 'fastify'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds that clients have to read the end of their stream when we stop. */
const GOODBYE = 1_000

/** Answers that last: server-sent events. */
export const eventStreams = () => {
  const open = new Set<Promise<void>>()
  const stopping = new AbortController()

  return {
    /** Sends events, no faster than they are read; ends the subscription as soon as the client is gone. */
    send: async (body: ReadableStream<Uint8Array> | null, reply: FastifyReply): Promise<void> => {
      const sending = pump(body, reply, stopping.signal)
      open.add(sending)
      await sending
      open.delete(sending)
    },

    /** Waits for what is open to end; whoever does not take the end in time is cut off. */
    close: async (): Promise<void> => {
      await Promise.race([Promise.all(open), delay(GOODBYE)])
      stopping.abort()
      await Promise.all(open)
    },
  }
}
export type EventStreams = ReturnType<typeof eventStreams>

const pump = async (
  body: ReadableStream<Uint8Array> | null,
  reply: FastifyReply,
  signal: AbortSignal,
): Promise<void> => {
  reply.hijack()
  const { raw } = reply
  const reader = body?.getReader()
  const cutOff = () => raw.destroy()
  signal.addEventListener('abort', cutOff)
  raw.once('close', () => void reader?.cancel().catch(() => undefined))
  raw.writeHead(reply.statusCode, flat(reply.getHeaders()))
  try {
    for (;;) {
      const next = await reader?.read()
      if (!next?.value || raw.destroyed) break
      if (!raw.write(next.value)) await Promise.race([once(raw, 'drain'), once(raw, 'close')])
    }
  } catch {
    // The client is gone, in the middle of something.
    raw.destroy()
  } finally {
    signal.removeEventListener('abort', cutOff)
    raw.end()
  }
}

const flat = (headers: ReturnType<FastifyReply['getHeaders']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
