import { randomUUID } from 'node:crypto'

import { jsonEvent } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import type { RawReply } from './raw-call.ts'
import {
  fromAll,
  fromStream,
  Message,
  rawRead,
  readResponse,
  structuredId,
  type RawRead,
  type ReadResponse,
} from './raw-streams.ts'
import { newStream, noted, range, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const read = (request: RawRead): Promise<RawReply> => rawRead(server.url, request)
const codeOf = async (request: RawRead): Promise<number> => (await read(request)).code

async function answersTo(request: RawRead): Promise<ReadResponse[]> {
  const { code, messages } = await read(request)
  expect(code).toBe(0)
  return messages.map(readResponse)
}

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  await server.client.appendToStream(stream, range(0, count).map(String).map(noted))
  return stream
}

describe('a read that makes no sense is refused:', () => {
  const regex = new Message().bytes(1, new Message().string(1, '^a'))
  const filter = new Message().bytes(1, new Message().string(1, '^a')).number(3, 32)

  it.each<[string, RawRead]>([
    ['without saying how ids should look', { all: fromAll(), count: 1, ids: 'none' }],
    ['of nothing', { count: 1 }],
    ['of one stream, filtered', { stream: fromStream('a'), count: 1, filter }],
    ['filtered without a window', { all: fromAll(), count: 1, filter: regex }],
    ['a subscription backwards', { stream: fromStream('a'), backwards: true }],
    ['a subscription to $all backwards', { all: fromAll(), backwards: true }],
    ['of a stream without a name', { stream: fromStream(''), count: 1 }],
  ])('%s', async (_, request) => {
    expect(await codeOf(request)).toBe(3)
  })

  it('of no events, or forwards from the end', async () => {
    const stream = await streamOf(2)
    expect(await codeOf({ stream: fromStream(stream), count: 0 })).toBe(2)
    expect(await codeOf({ stream: fromStream(stream, 'end'), count: 1 })).toBe(2)
    // 2^64 - 1 is the end too.
    expect(await codeOf({ stream: fromStream(stream, 2n ** 64n - 1n), count: 1 })).toBe(2)
  })
})

it('a read of no events of $all has none', async () => {
  expect(await answersTo({ all: fromAll(), count: 0 })).toEqual([])
})

it('position 2^64 - 1 is the end of $all', async () => {
  await streamOf(1)
  const end = 2n ** 64n - 1n
  expect(await answersTo({ all: fromAll(end), count: 1 })).toEqual([])
  expect(await answersTo({ all: fromAll(end), count: 1, backwards: true })).toHaveLength(1)
})

it('a missing stream is an answer, and the call ends well', async () => {
  const stream = newStream('größe')
  const answers = await answersTo({ stream: fromStream(stream), count: 1 })
  expect(answers).toHaveLength(1)
  const name = answers[0]?.getStreamNotFound()?.getStreamIdentifier()?.getStreamName_asU8()
  expect(Buffer.from(name ?? []).toString()).toBe(stream)
})

it('a deleted stream is an error that names it', async () => {
  const stream = newStream('größe')
  await server.client.tombstoneStream(stream)
  const { code, message, trailers, messages } = await read({ stream: fromStream(stream), count: 1 })
  expect(messages).toEqual([])
  expect(code).toBe(9)
  expect(message).toBe(`Event stream '${stream}' is deleted.`)
  expect(trailers).toMatchObject({ exception: 'stream-deleted', 'stream-name': encodeURIComponent(stream) })
})

describe('ids', () => {
  // The halves as signed numbers: one positive, one negative, and more than a double holds.
  const ids = [randomUUID(), '7fffffff-ffff-4fff-bfff-ffffffffffff', 'f0000000-0000-4000-8000-000000000001']

  it('are text or two numbers, as the reader wants them, also those of links', async () => {
    const [stream, links] = [newStream(), newStream()]
    await server.client.appendToStream(
      stream,
      ids.map((id) => jsonEvent({ id, type: 'Noted', data: {} })),
    )
    await server.client.appendToStream(links, jsonEvent({ type: '$>', data: {} }))
    const texts = await answersTo({ stream: fromStream(stream), count: 10 })
    expect(texts.map((answer) => answer.getEvent()?.getEvent()?.getId()?.getString())).toEqual(ids)
    const numbers = await answersTo({ stream: fromStream(stream), count: 10, ids: 'structured' })
    expect(numbers.map((answer) => answer.getEvent()?.getEvent()?.getId()?.serializeBinary())).toEqual(
      ids.map((id) => new Uint8Array(structuredId(id).encoded)),
    )
    const withoutId = (answer: ReadResponse) => {
      const event = answer.getEvent()?.getEvent()
      event?.clearId()
      return event?.toObject()
    }
    expect(numbers.map(withoutId)).toEqual(texts.map(withoutId))
  })
})

describe('newer clients are told', () => {
  const compatibility = 1
  const bounds = (answers: readonly ReadResponse[]): string[] =>
    answers.map((answer) => {
      if (answer.hasFirstStreamPosition()) return `first ${answer.getFirstStreamPosition()}`
      if (answer.hasLastStreamPosition()) return `last ${answer.getLastStreamPosition()}`
      return answer.getEvent()?.getEvent()?.getStreamRevision() ?? '?'
    })

  it('where a stream ends, after its events', async () => {
    const stream = fromStream(await streamOf(3))
    expect(bounds(await answersTo({ stream, count: 10, compatibility }))).toEqual(['0', '1', '2', 'last 2'])
    expect(bounds(await answersTo({ stream, count: 1, compatibility }))).toEqual(['0', 'last 2'])
    const backwards = { stream, count: 2, compatibility, backwards: true }
    expect(bounds(await answersTo(backwards))).toEqual(['0', 'last 2'])
    expect(bounds(await answersTo({ stream, count: 10 }))).toEqual(['0', '1', '2'])
  })

  it('where it begins, if a whole page has to be passed over to get there', async () => {
    const name = await streamOf(40)
    const stream = fromStream(name)
    await server.client.setStreamMetadata(name, { truncateBefore: 38 })
    expect(bounds(await answersTo({ stream, count: 10, compatibility }))).toEqual([
      'first 38',
      '38',
      '39',
      'last 39',
    ])
    expect(bounds(await answersTo({ stream: fromStream(name, 20n), count: 10, compatibility }))).toEqual([
      '38',
      '39',
      'last 39',
    ])
    await server.client.setStreamMetadata(name, { truncateBefore: 100 })
    expect(bounds(await answersTo({ stream, count: 10, compatibility }))).toEqual(['first 100', 'last 39'])
  })

  it('nothing of a missing stream but that it is missing', async () => {
    const answers = await answersTo({ stream: fromStream(newStream()), count: 1, compatibility })
    expect(answers.map((answer) => answer.hasStreamNotFound())).toEqual([true])
  })
})

it('every event has its own position, and says again which one counts', async () => {
  const stream = await streamOf(2)
  for (const answer of await answersTo({ stream: fromStream(stream), count: 2 })) {
    const read = answer.getEvent()
    expect(read?.getEvent()?.getCommitPosition()).toBe(read?.getCommitPosition())
    expect(read?.getEvent()?.getPreparePosition()).toBe(read?.getCommitPosition())
    expect(read?.hasLink()).toBe(false)
  }
})
