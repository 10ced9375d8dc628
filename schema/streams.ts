import type { FastifyReply } from 'fastify'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** Milliseconds that clients have to read the rest of their answer when we stop. */
const GOODBYE = 1_000

/** Where an answer comes from: a web stream, of whichever library's making. */
export interface Source {
  getReader(): {
    read(): Promise<{ readonly value?: Uint8Array | undefined }>
    cancel(): Promise<void>
  }
}

/** Answers that last: server-sent events, and exports. */
export const lastingAnswers = () => {
  const open = new Set<Promise<void>>()
  const stopping = new AbortController()

  return {
    /** Sends what comes, no faster than it is read; leaves the source as soon as the client is gone. */
    send: async (body: Source | null, reply: FastifyReply): Promise<void> => {
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
export type LastingAnswers = ReturnType<typeof lastingAnswers>

const pump = async (body: Source | null, reply: FastifyReply, signal: AbortSignal): Promise<void> => {
  reply.hijack()
  const { raw } = reply
  const reader = body?.getReader()
  const cutOff = () => raw.destroy()
  signal.addEventListener('abort', cutOff)
  if (signal.aborted) cutOff()
  raw.once('close', () => void reader?.cancel().catch(() => undefined))
  raw.writeHead(reply.statusCode, flat(reply.getHeaders()))
  try {
    for (;;) {
      const next = await reader?.read()
      if (!next?.value || raw.destroyed) break
      if (!raw.write(next.value)) await drained(raw)
    }
  } catch {
    // The client is gone in the middle of something, or the source is, and then the client must not take it for the end.
    raw.destroy()
  } finally {
    signal.removeEventListener('abort', cutOff)
    raw.end()
  }
}

/** Waits until more may be written, or nothing can be any more; leaves no listeners behind. */
const drained = async (raw: ServerResponse): Promise<void> => {
  const over = new AbortController()
  const { signal } = over
  try {
    await Promise.race([once(raw, 'drain', { signal }), once(raw, 'close', { signal })])
  } finally {
    over.abort()
  }
}

const flat = (headers: ReturnType<FastifyReply['getHeaders']>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  )
