import {
  ANY,
  binaryEvent,
  jsonEvent,
  NO_STREAM,
  STREAM_EXISTS,
  type AppendExpectedRevision,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  connect,
  newStream,
  noted,
  notesIn,
  positionsFrom,
  range,
  startServer,
  type Server,
} from './server.ts'

let server: Server
let lenient: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  lenient = connect(`${server.url}&throwOnAppendFailure=false`)
})
afterAll(async () => {
  // Appends of all clients fail when one client is disposed of, so only now.
  void lenient.dispose()
  await server.stop()
})

const append = (
  stream: string,
  expectedRevision: AppendExpectedRevision,
  ...notes: string[]
): Promise<bigint> =>
  server.client
    .appendToStream(stream, notes.map(noted), { expectedRevision })
    .then((result) => result.nextExpectedRevision)

describe('expected revisions', () => {
  it('numbers events from 0, without gaps', async () => {
    const stream = newStream()
    expect(await append(stream, NO_STREAM, 'a', 'b')).toBe(1n)
    expect(await append(stream, 1n, 'c')).toBe(2n)
    expect(await append(stream, STREAM_EXISTS, 'd')).toBe(3n)
    expect(await append(stream, ANY, 'e')).toBe(4n)
    expect(await notesIn(server.client, stream)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it.each([
    ['a stream that is there, expected not to be', NO_STREAM, ['a'], 0n],
    ['an older revision', 0n, ['a', 'b'], 1n],
    ['a newer revision', 5n, ['a'], 0n],
  ] as const)('refuses %s', async (_, expectedRevision, before, actualVersion) => {
    const stream = newStream()
    await append(stream, NO_STREAM, ...before)
    await expect(append(stream, expectedRevision, 'x')).rejects.toMatchObject({
      type: 'wrong-expected-version',
      streamName: stream,
      expectedVersion: expectedRevision,
      actualVersion,
    })
    expect(await notesIn(server.client, stream)).toEqual(before)
  })

  it('refuses a missing stream that is expected to exist', async () => {
    const error = {
      type: 'wrong-expected-version',
      actualVersion: 'no_stream',
      expectedVersion: 'stream_exists',
    }
    await expect(append(newStream(), STREAM_EXISTS, 'x')).rejects.toMatchObject(error)
  })

  it('says the same on the call that clients with credentials use', async () => {
    const stream = newStream()
    const options = {
      expectedRevision: NO_STREAM,
      credentials: { username: 'admin', password: 'changeit' },
    } as const
    const first = await server.client.appendToStream(stream, noted('a'), options)
    expect(first).toMatchObject({ success: true, nextExpectedRevision: 0n })
    await expect(server.client.appendToStream(stream, noted('b'), options)).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 0n,
      expectedVersion: 'no_stream',
    })
  })
})

describe('a write that is sent again', () => {
  it('is done once, and answered as the first time', async () => {
    const stream = newStream()
    const events = [noted('a'), noted('b')]
    const first = await server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM })
    await append(stream, 1n, 'c')
    const second = await server.client.appendToStream(stream, events, { expectedRevision: NO_STREAM })
    expect(second).toEqual(first)
    expect(await notesIn(server.client, stream)).toEqual(['a', 'b', 'c'])
  })

  it('is recognised by its ids where no revision is expected', async () => {
    const stream = newStream()
    const event = noted('a')
    const first = await server.client.appendToStream(stream, event)
    expect(await server.client.appendToStream(stream, event)).toEqual(first)
    expect(await notesIn(server.client, stream)).toEqual(['a'])
  })

  it('is done once even while the first is still under way', async () => {
    const stream = newStream()
    const event = noted('a')
    const write = () => server.client.appendToStream(stream, event, { expectedRevision: NO_STREAM })
    const [first, second] = await Promise.all([write(), write()])
    expect(second).toEqual(first)
    expect(await notesIn(server.client, stream)).toEqual(['a'])
  })
})

describe('many writers', () => {
  it('share one stream without gaps or losses', async () => {
    const stream = newStream()
    const notes = range(0, 300).map(String)
    const revisions = await Promise.all(notes.map((note) => append(stream, ANY, note)))
    expect(revisions.map(Number).toSorted((a, b) => a - b)).toEqual(range(0, 300))
    const read = await notesIn(server.client, stream)
    expect(read.toSorted()).toEqual(notes.toSorted())
  })

  it('of many streams are all served', async () => {
    const streams = range(0, 300).map(() => newStream())
    await Promise.all(streams.map((stream) => append(stream, NO_STREAM, 'a', 'b')))
    for (const stream of streams) expect(await notesIn(server.client, stream)).toEqual(['a', 'b'])
  })

  it('exclude each other where they expect the same revision', async () => {
    const stream = newStream()
    await append(stream, NO_STREAM, 'first')
    const attempts = await Promise.allSettled(range(0, 20).map((note) => append(stream, 0n, String(note))))
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    expect(await notesIn(server.client, stream)).toHaveLength(2)
  })
})

describe('what an event keeps', () => {
  it('is its id, type, data, metadata, time and position', async () => {
    const stream = newStream('größe-日本')
    const event = jsonEvent({ type: 'Größe', data: { text: 'ß 日本', n: 1.5 }, metadata: { by: 'me' } })
    const before = Date.now()
    const { position } = await server.client.appendToStream(stream, event)
    for await (const { event: read } of server.client.readStream(stream)) {
      expect(read).toMatchObject({
        id: event.id,
        type: 'Größe',
        streamId: stream,
        data: event.data,
        metadata: { by: 'me' },
        isJson: true,
        revision: 0n,
        position,
      })
      expect(read?.created.getTime()).toBeGreaterThanOrEqual(before - 1000)
    }
  })

  it('may be nothing at all', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, binaryEvent({ type: 'Empty', data: Buffer.alloc(0) }))
    for await (const { event } of server.client.readStream(stream)) {
      expect(event).toMatchObject({ type: 'Empty', data: new Uint8Array(0), isJson: false })
    }
  })

  it('may be any bytes', async () => {
    const stream = newStream()
    const bytes = Buffer.from(range(0, 256))
    await server.client.appendToStream(stream, binaryEvent({ type: 'Scanned', data: bytes, metadata: bytes }))
    for await (const { event } of server.client.readStream(stream)) {
      expect(event).toMatchObject({ isJson: false })
      expect(Buffer.from(event?.data instanceof Uint8Array ? event.data : []).equals(bytes)).toBe(true)
    }
  })

  it('has a position that grows from append to append', async () => {
    const stream = newStream()
    for (const note of ['a', 'b', 'c']) await append(stream, ANY, note)
    const positions = await positionsFrom(server.client.readStream(stream))
    expect(positions).toEqual(positions.toSorted((a, b) => Number(a - b)))
    expect(positions[0]).toBeGreaterThan(0n)
  })
})

describe('throwOnAppendFailure', () => {
  it.each([
    ['many appends on one call', {}],
    ['one append on its own call', { credentials: { username: 'admin', password: 'changeit' } }],
  ])('false makes a wrong revision a result: %s', async (_, options) => {
    const stream = newStream()
    await append(stream, NO_STREAM, 'a')
    const write = (expectedRevision: AppendExpectedRevision) =>
      lenient.appendToStream(stream, noted('b'), { expectedRevision, ...options })
    expect(await write(NO_STREAM)).toMatchObject({ success: false })
    expect(await write(0n)).toMatchObject({ success: true, nextExpectedRevision: 1n })
  })
})

describe('an append of nothing', () => {
  it('checks what is expected, and writes nothing', async () => {
    const stream = newStream()
    await append(stream, NO_STREAM)
    await append(stream, ANY)
    await expect(append(stream, STREAM_EXISTS)).rejects.toMatchObject({ type: 'wrong-expected-version' })
    await append(stream, NO_STREAM, 'a', 'b')
    expect(await append(stream, 1n)).toBe(1n)
    expect(await append(stream, ANY)).toBe(1n)
    await expect(append(stream, 0n)).rejects.toMatchObject({ type: 'wrong-expected-version' })
    expect(await notesIn(server.client, stream)).toEqual(['a', 'b'])
  })
})
