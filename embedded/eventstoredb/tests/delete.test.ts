import { ANY, jsonEvent, NO_STREAM, STREAM_EXISTS, type AppendExpectedRevision } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rawCall } from './raw-call.ts'
import { Message, streamsService, writeOptions, type Expectation } from './raw-streams.ts'
import { newStream, noted, notesIn, positionsFrom, range, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  await server.client.appendToStream(stream, range(0, count).map(String).map(noted))
  return stream
}

const read = (stream: string): Promise<string[]> => notesIn(server.client, stream)
const append = async (stream: string, expectedRevision: AppendExpectedRevision, ...notes: string[]) =>
  (await server.client.appendToStream(stream, notes.map(noted), { expectedRevision })).nextExpectedRevision

/** Past what the client lets be expected. */
const call = (method: string, stream: string, expected: Expectation) =>
  rawCall(server.url, `${streamsService}/${method}`, [
    new Message().bytes(1, writeOptions(stream, expected)).encoded,
  ])

/** As it is written, byte for byte. */
async function metadataOf(stream: string): Promise<string> {
  for await (const { event } of server.client.readStream(`$$${stream}`)) {
    const data: unknown = event?.data
    return data instanceof Uint8Array ? Buffer.from(data).toString() : JSON.stringify(data)
  }
  return '(none)'
}

const notFound = { type: 'stream-not-found' }
const deleted = { type: 'stream-deleted' }
const wrongRevision = { type: 'wrong-expected-version' }

describe('a deleted stream', () => {
  it('reads as missing until it is written to again, and then goes on', async () => {
    const stream = await streamOf(3)
    await server.client.deleteStream(stream, { expectedRevision: 2n })
    await expect(read(stream)).rejects.toMatchObject(notFound)
    expect(await append(stream, ANY, 'again')).toBe(3n)
    expect(await read(stream)).toEqual(['again'])
    expect((await server.client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 3 })
  })

  it.each([
    ['as if it had never been', NO_STREAM],
    ['by its last revision', 2n],
    ['whatever it is', ANY],
  ] as const)('is written to %s', async (_, expectedRevision) => {
    const stream = await streamOf(3)
    await server.client.deleteStream(stream)
    expect(await append(stream, expectedRevision, 'a', 'b')).toBe(4n)
    expect(await read(stream)).toEqual(['a', 'b'])
  })

  it('does not exist, and has no other revision than its last', async () => {
    const stream = await streamOf(3)
    await server.client.deleteStream(stream)
    await expect(append(stream, STREAM_EXISTS, 'x')).rejects.toMatchObject(deleted)
    await expect(append(stream, 1n, 'x')).rejects.toMatchObject({ ...wrongRevision, actualVersion: 2n })
    await expect(append(stream, 3n, 'x')).rejects.toMatchObject({ ...wrongRevision, actualVersion: 2n })
  })

  it('may be deleted again, unless it has to exist', async () => {
    const stream = await streamOf(3)
    await server.client.deleteStream(stream)
    await server.client.deleteStream(stream)
    await server.client.deleteStream(stream, { expectedRevision: 2n })
    const { code, trailers } = await call('Delete', stream, 'stream_exists')
    expect([code, trailers['exception']]).toEqual([9, 'stream-deleted'])
  })

  it('recognises what was sent before it was deleted', async () => {
    const stream = newStream()
    const events = [noted('a'), noted('b')]
    const first = await server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM })
    await server.client.deleteStream(stream)
    expect(await server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM })).toEqual(first)
    await expect(read(stream)).rejects.toMatchObject(notFound)
  })

  it('loses its metadata, and has it written anew by whoever writes it', async () => {
    const stream = await streamOf(3)
    await server.client.setStreamMetadata(stream, { maxCount: 2, mine: 1 })
    await server.client.deleteStream(stream)
    expect(await metadataOf(stream)).toBe('{"$tb":9223372036854776000}')
    await server.client.setStreamMetadata(stream, { mine: 2 })
    // The metadata is kept, and the stream lives again, with nothing in it so far.
    expect((await server.client.getStreamMetadata(stream)).metadata).toEqual({ mine: 2, truncateBefore: 3 })
    expect(await read(stream)).toEqual([])
    expect(await append(stream, 2n, 'again')).toBe(3n)
    expect(await read(stream)).toEqual(['again'])
  })

  it('keeps what metadata it is given meanwhile as it was written', async () => {
    const stream = await streamOf(3)
    await server.client.deleteStream(stream)
    const json = '{ "mine": 123456789012345678, "exact": 1.50, "$maxCount": 7 }'
    await server.client.appendToStream(`$$${stream}`, {
      ...jsonEvent({ type: '$metadata', data: {} }),
      contentType: 'application/octet-stream',
      data: Buffer.from(json),
    })
    const { position } = await server.client.appendToStream(stream, noted('again'))
    expect(position).toBeDefined()
    for await (const { event } of server.client.readAll({ direction: 'backwards', fromPosition: 'end' })) {
      if (event?.streamId !== `$$${stream}`) continue
      expect(event.data).toEqual({ mine: 123456789012345680, exact: 1.5, $maxCount: 7, $tb: 3 })
      break
    }
  })

  it('that never had an event can be deleted if it has metadata, else not', async () => {
    await expect(server.client.deleteStream(newStream())).rejects.toMatchObject({
      ...wrongRevision,
      actualVersion: -1n,
    })
    for (const expectedRevision of [ANY, NO_STREAM] as const) {
      const stream = newStream()
      await server.client.setStreamMetadata(stream, { maxCount: 1 })
      await server.client.deleteStream(stream, { expectedRevision })
      await expect(read(stream)).rejects.toMatchObject(notFound)
      expect(await append(stream, NO_STREAM, 'a')).toBe(0n)
      expect(await read(stream)).toEqual(['a'])
    }
  })
})

describe('a tombstoned stream', () => {
  it('is gone for good, its metadata too', async () => {
    const stream = await streamOf(3)
    await server.client.setStreamMetadata(stream, { maxCount: 2 })
    await server.client.tombstoneStream(stream)
    await expect(read(stream)).rejects.toMatchObject({ ...deleted, streamName: stream })
    await expect(read(`$$${stream}`)).rejects.toMatchObject(deleted)
    await expect(server.client.setStreamMetadata(stream, {})).rejects.toMatchObject(deleted)
    await expect(server.client.deleteStream(stream)).rejects.toMatchObject(deleted)
    await expect(server.client.tombstoneStream(stream)).rejects.toMatchObject(deleted)
    for (const expectedRevision of [ANY, NO_STREAM, STREAM_EXISTS, 2n] as const) {
      await expect(append(stream, expectedRevision, 'x')).rejects.toMatchObject({
        ...deleted,
        streamName: stream,
      })
    }
  })

  it('need never have been there, or may be deleted already', async () => {
    const [never, gone] = [newStream(), await streamOf(2)]
    await server.client.tombstoneStream(never)
    await server.client.deleteStream(gone)
    await server.client.tombstoneStream(gone, { expectedRevision: 1n })
    for (const stream of [never, gone]) {
      await expect(read(stream)).rejects.toMatchObject(deleted)
      await expect(read(`$$${stream}`)).rejects.toMatchObject(deleted)
    }
  })

  it('ends with an event of the largest revision there is', async () => {
    const stream = await streamOf(1)
    const { position } = await server.client.tombstoneStream(stream)
    const from = { fromPosition: position ?? 'start', maxCount: 1 } as const
    for await (const { event } of server.client.readAll(from)) {
      expect(event).toMatchObject({
        streamId: stream,
        type: '$streamDeleted',
        revision: 9223372036854775807n,
        position,
      })
    }
  })
})

describe('to delete', () => {
  it.each(['deleteStream', 'tombstoneStream'] as const)('by %s, the revision must be right', async (end) => {
    const stream = await streamOf(3)
    for (const [expectedRevision, expectedVersion] of [
      [1n, 1n],
      [3n, 3n],
      // So the client reads it from the trailers.
      [NO_STREAM, -1n],
    ] as const) {
      await expect(server.client[end](stream, { expectedRevision })).rejects.toMatchObject({
        ...wrongRevision,
        streamName: stream,
        expectedVersion,
        actualVersion: 2n,
      })
    }
    await server.client[end](stream, { expectedRevision: 2n })
  })

  it('says where in $all the deletion is', async () => {
    const stream = await streamOf(2)
    const { position: soft } = await server.client.deleteStream(stream)
    const { position: hard } = await server.client.tombstoneStream(stream)
    for (const position of [soft, hard]) {
      const found = await positionsFrom(
        server.client.readAll({ fromPosition: position ?? 'start', maxCount: 1 }),
      )
      expect(found).toEqual([position?.commit])
    }
  })

  it.each(['Delete', 'Tombstone'])(
    'by %s tells all about a wrong revision in its trailers',
    async (method) => {
      const stream = newStream('größe')
      await server.client.appendToStream(stream, noted('a'))
      for (const [expected, text] of [
        [7n, '7'],
        ['no_stream', '-1'],
        [9223372036854775807n, '9223372036854775807'],
      ] as const) {
        const { code, message, trailers } = await call(method, stream, expected)
        expect(code).toBe(9)
        expect(message).toBe(
          `Delete failed due to WrongExpectedVersion. Stream: ${stream}, Expected version: ${text}, Actual version: 0`,
        )
        expect(trailers).toMatchObject({
          exception: 'wrong-expected-version',
          'stream-name': encodeURIComponent(stream),
          'expected-version': text,
          'actual-version': '0',
        })
      }
    },
  )
})
