import { randomUUID } from 'node:crypto'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openRawCall, rawCall, type RawCall } from './raw-call.ts'
import {
  batchChunk,
  batchResponse,
  Message,
  proposed,
  streamsService,
  textId,
  writeOptions,
  type BatchResponse,
} from './raw-streams.ts'
import { exists, newStream, notesIn, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const path = `${streamsService}/BatchAppend`

async function answersTo(...chunks: Uint8Array[]): Promise<BatchResponse[]> {
  const { code, messages } = await rawCall(server.url, path, chunks)
  expect(code).toBe(0)
  return messages.map(batchResponse)
}

const newId = (): Message => textId(randomUUID())

const timeout = (response: BatchResponse | undefined) => [
  response?.getError()?.getCode(),
  response?.getError()?.getMessage(),
]

describe('a deadline', () => {
  const timestamp = (ms: number): Message =>
    new Message().number(1, Math.floor(ms / 1000)).number(2, (ms % 1000) * 1_000_000)

  /** As a moment (field 6) or, from newer clients, as a duration (field 7). */
  const withDeadline = (stream: string, field: 6 | 7, value: Message): Message =>
    writeOptions(stream).bytes(field, value)

  it.each([
    ['a moment', 6, () => timestamp(Date.now() - 1)],
    ['a duration', 7, () => new Message().number(1, -1)],
  ] as const)('that is past, as %s, comes before everything else', async (_, field, value) => {
    const stream = newStream()
    const [answer] = await answersTo(
      batchChunk({
        correlation: newId(),
        options: withDeadline(stream, field, value()),
        events: [proposed({ data: Buffer.alloc(2 * 1024 * 1024) })],
      }),
    )
    expect(timeout(answer)).toEqual([4, 'Timeout'])
    expect(await exists(server.client, stream)).toBe(false)
  })

  it.each([
    ['a moment', 6, () => timestamp(Date.now() + 60_000)],
    ['a duration', 7, () => new Message().number(1, 60)],
  ] as const)('that is to come, as %s, is kept', async (_, field, value) => {
    const [answer] = await answersTo(
      batchChunk({
        correlation: newId(),
        options: withDeadline(newStream(), field, value()),
        events: [proposed()],
      }),
    )
    expect(answer?.hasSuccess()).toBe(true)
  })

  const open = (): RawCall => openRawCall(server.url, path)

  it('ends an append whose last chunk does not come, and what comes after it is ignored', async () => {
    const stream = newStream()
    const correlation = newId()
    const call = open()
    call.send(
      batchChunk({
        correlation,
        options: withDeadline(stream, 7, new Message().number(2, 50_000_000)),
        events: [proposed()],
        isFinal: false,
      }),
    )
    const [first] = await call.receive(1)
    expect(timeout(batchResponse(first))).toEqual([4, 'Timeout'])
    call.send(batchChunk({ correlation, events: [proposed()], isFinal: true }))
    call.send(batchChunk({ correlation: newId(), options: writeOptions(stream), events: [proposed()] }))
    call.halfClose()
    expect((await call.ended).code).toBe(0)
    expect(call.messages).toHaveLength(2)
    expect(await notesIn(server.client, stream)).toHaveLength(1)
  })

  it('is two seconds at most', async () => {
    const call = open()
    const begun = Date.now()
    call.send(
      batchChunk({
        correlation: newId(),
        options: withDeadline(newStream(), 7, new Message().number(1, 3600)),
        events: [proposed()],
        isFinal: false,
      }),
    )
    // The client sends no more: the node answers what is open, and then ends too.
    call.halfClose()
    expect((await call.ended).code).toBe(0)
    expect(timeout(batchResponse(call.messages[0]))).toEqual([4, 'Timeout'])
    expect(Date.now() - begun).toBeLessThan(5000)
  })
})
