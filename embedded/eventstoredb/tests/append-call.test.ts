import streams from '@eventstore/db-client/generated/streams_pb.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rawCall, type RawReply } from './raw-call.ts'
import { Message, proposed, streamsService, textId, writeOptions, type Expectation } from './raw-streams.ts'
import { exists, newStream, noted, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const options = (stream: string, expected?: Expectation): Message =>
  new Message().bytes(1, writeOptions(stream, expected))
const event = (message = proposed()): Message => new Message().bytes(2, message)

const call = (...messages: Message[]): Promise<RawReply> =>
  rawCall(
    server.url,
    `${streamsService}/Append`,
    messages.map(({ encoded }) => encoded),
  )

describe('the messages of an append', () => {
  it('are its options and then its events', async () => {
    const stream = newStream()
    expect((await call(event(), options(stream))).code).toBe(3)
    expect((await call(options(stream), options(stream), event())).code).toBe(3)
    expect((await call()).code).toBe(3)
    expect(await exists(server.client, stream)).toBe(false)
  })

  it.each([
    ['a content type', { type: 'Noted' }],
    ['a type', { 'content-type': 'application/json' }],
  ])('have events with %s', async (_, metadata) => {
    const { code, trailers } = await call(options(newStream()), event(proposed({ metadata })))
    expect(code).toBe(3)
    expect(trailers).toMatchObject({
      exception: 'missing-required-metadata-property',
      'required-metadata-properties': 'type,content-type',
    })
  })

  it.each(['', '00000000-0000-0000-0000-000000000000'])('have events with an id, not %j', async (id) => {
    expect((await call(options(newStream()), event(proposed({ id: textId(id) })))).code).toBe(3)
  })

  it.each(['', '$$'])('name a stream, not %j', async (stream) => {
    expect((await call(options(stream), event())).code).toBe(3)
  })
})

it('a wrong revision is an answer, in new words and in those of before 20.6.1', async () => {
  const stream = newStream()
  const ask = async (expected: Expectation) => {
    const { code, messages } = await call(options(stream, expected), event())
    expect(code).toBe(0)
    return streams.AppendResp.deserializeBinary(messages[0] ?? Buffer.alloc(0)).getWrongExpectedVersion()
  }
  const missing = await ask('stream_exists')
  expect(missing?.hasCurrentNoStream()).toBe(true)
  expect(missing?.hasNoStream2060()).toBe(true)
  expect(missing?.hasExpectedStreamExists()).toBe(true)
  expect(missing?.hasStreamExists2060()).toBe(true)
  await server.client.appendToStream(stream, [noted('a'), noted('b')])
  const behind = await ask(0n)
  expect(behind?.getCurrentRevision()).toBe('1')
  expect(behind?.getCurrentRevision2060()).toBe(1)
  expect(behind?.getExpectedRevision()).toBe('0')
  expect(behind?.getExpectedRevision2060()).toBe(0)
  expect((await ask('no_stream'))?.hasExpectedNoStream()).toBe(true)
})

it('a deleted stream is named in the trailers, its name escaped where it is not ASCII', async () => {
  const stream = newStream('größe')
  await server.client.tombstoneStream(stream)
  const { code, trailers } = await call(options(stream), event())
  expect(code).toBe(9)
  expect(trailers).toMatchObject({ exception: 'stream-deleted', 'stream-name': encodeURIComponent(stream) })
})

it.each(['Append', 'Delete', 'Tombstone'])('%s has no access to $all', async (method) => {
  const { code, trailers } = await rawCall(server.url, `${streamsService}/${method}`, [
    options('$all').encoded,
  ])
  expect(code).toBe(7)
  expect(trailers).toMatchObject({ exception: 'access-denied' })
})

it('the size limit is in the trailers', async () => {
  const { code, trailers, message } = await call(
    options(newStream()),
    event(proposed({ data: Buffer.alloc(1024 * 1024) })),
  )
  expect(code).toBe(3)
  expect(trailers).toMatchObject({
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': '1048576',
  })
  expect(message).toBe('Maximum Append Size of 1048576 Exceeded.')
})

it('a message of more than the node takes at once ends the call', async () => {
  const data = Buffer.alloc(16 * 1024 * 1024)
  expect((await call(options(newStream()), event(proposed({ data })))).code).toBe(8)
})
