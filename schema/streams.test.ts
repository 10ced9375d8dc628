import { fastify } from 'fastify'
import { ReadableStream } from 'node:stream/web'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { lastingAnswers } from './streams.ts'

const CHUNK = new Uint8Array(256 * 1_024)
const CHUNKS = 40

/** Listeners on the response, as each chunk is asked for. */
const listeners: number[] = []
const http = fastify()
const answers = lastingAnswers()
http.get('/', async (_, reply) => {
  const { raw } = reply
  async function* chunks() {
    for (let n = 0; n < CHUNKS; n++) {
      listeners.push(raw.eventNames().reduce((sum, name) => sum + raw.listenerCount(name), 0))
      yield CHUNK
    }
  }
  await answers.send(ReadableStream.from(chunks()), reply)
  return reply
})
let url: string
beforeAll(async () => {
  url = await http.listen({ host: '127.0.0.1', port: 0 })
})
afterAll(() => http.close())

it('an answer of many chunks leaves nothing behind for each time that it waited for its reader', async () => {
  const body = await (await fetch(url)).arrayBuffer()
  expect(body.byteLength).toBe(CHUNKS * CHUNK.byteLength)
  expect(listeners).toHaveLength(CHUNKS)
  // A few for the wait that is under way, however many there were.
  expect(Math.max(...listeners)).toBeLessThanOrEqual((listeners[0] ?? 0) + 8)
})
