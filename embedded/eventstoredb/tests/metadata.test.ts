import { BACKWARDS, END, jsonEvent, NO_STREAM, STREAM_EXISTS } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { newStream, noted, noteOf, notesIn, range, startServer, until, type Server } from './server.ts'

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

/** Metadata byte for byte, past what the client would let through. */
const writeMetadata = (stream: string, json: string) =>
  server.client.appendToStream(`$$${stream}`, {
    ...jsonEvent({ type: '$metadata', data: {} }),
    contentType: 'application/octet-stream',
    data: Buffer.from(json),
  })

describe('metadata', () => {
  it('is read as it was written, each time anew', async () => {
    const stream = await streamOf(1)
    expect((await server.client.getStreamMetadata(stream)).metadata).toBeUndefined()
    await server.client.setStreamMetadata(stream, { maxCount: 3, mine: { deep: [1, 'ß'] } })
    await server.client.setStreamMetadata(stream, { truncateBefore: 2, acl: { readRoles: ['$all'] } })
    expect((await server.client.getStreamMetadata(stream)).metadata).toEqual({
      truncateBefore: 2,
      acl: { readRoles: ['$all'] },
    })
    expect(await read(`$$${stream}`)).toEqual(['($metadata)'])
  })

  it('has revisions that can be expected', async () => {
    const stream = newStream()
    await server.client.setStreamMetadata(stream, { a: 1 }, { expectedRevision: NO_STREAM })
    await server.client.setStreamMetadata(stream, { a: 2 }, { expectedRevision: 0n })
    await expect(
      server.client.setStreamMetadata(stream, { a: 3 }, { expectedRevision: 0n }),
    ).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 1n })
  })

  it('alone makes a stream exist for writers, and not for readers', async () => {
    const stream = newStream()
    await server.client.setStreamMetadata(stream, { maxCount: 1 })
    await expect(read(stream)).rejects.toMatchObject({ type: 'stream-not-found' })
    await server.client.appendToStream(stream, noted('a'), { expectedRevision: STREAM_EXISTS })
    expect(await read(stream)).toEqual(['a'])
    const other = newStream()
    await server.client.setStreamMetadata(other, { maxCount: 1 })
    await server.client.appendToStream(other, noted('a'), { expectedRevision: NO_STREAM })
  })
})

describe('what is seen of a stream', () => {
  it('is the last $maxCount events, also as it grows', async () => {
    const stream = await streamOf(10)
    await server.client.setStreamMetadata(stream, { maxCount: 3 })
    expect(await read(stream)).toEqual(['7', '8', '9'])
    expect(await notesIn(server.client, stream, { fromRevision: 8n })).toEqual(['8', '9'])
    expect(await notesIn(server.client, stream, { direction: BACKWARDS, fromRevision: END })).toEqual([
      '9',
      '8',
      '7',
    ])
    await server.client.appendToStream(stream, noted('10'), { expectedRevision: 9n })
    expect(await read(stream)).toEqual(['8', '9', '10'])
    await server.client.setStreamMetadata(stream, {})
    expect(await read(stream)).toEqual(range(0, 11).map(String))
  })

  it('is what comes from $tb on, the later of both if there is a count too', async () => {
    const stream = await streamOf(10)
    await server.client.setStreamMetadata(stream, { truncateBefore: 5 })
    expect(await read(stream)).toEqual(['5', '6', '7', '8', '9'])
    expect(await notesIn(server.client, stream, { direction: BACKWARDS, fromRevision: 4n })).toEqual([])
    await server.client.setStreamMetadata(stream, { truncateBefore: 5, maxCount: 2 })
    expect(await read(stream)).toEqual(['8', '9'])
    await server.client.setStreamMetadata(stream, { truncateBefore: 9, maxCount: 2 })
    expect(await read(stream)).toEqual(['9'])
  })

  it('may be nothing of a stream that is there', async () => {
    const stream = await streamOf(3)
    await server.client.setStreamMetadata(stream, { truncateBefore: 100 })
    expect(await read(stream)).toEqual([])
    expect(await notesIn(server.client, stream, { direction: BACKWARDS, fromRevision: END })).toEqual([])
    await server.client.appendToStream(stream, noted('3'), { expectedRevision: 2n })
    expect(await read(stream)).toEqual([])
  })

  it('is what is younger than $maxAge', async () => {
    const stream = await streamOf(3)
    await server.client.setStreamMetadata(stream, { maxAge: 3600 })
    expect(await read(stream)).toHaveLength(3)
    await server.client.setStreamMetadata(stream, { maxAge: 1 })
    await until(async () => (await read(stream)).length === 0, 'all of it is too old')
    await server.client.appendToStream(stream, noted('young'))
    expect(await read(stream)).toEqual(['young'])
    expect(await notesIn(server.client, stream, { direction: BACKWARDS, fromRevision: END })).toEqual([
      'young',
    ])
  })

  it('does not change what writers are asked to expect', async () => {
    const stream = await streamOf(5)
    await server.client.setStreamMetadata(stream, { truncateBefore: 5 })
    await expect(
      server.client.appendToStream(stream, noted('x'), { expectedRevision: NO_STREAM }),
    ).rejects.toMatchObject({ type: 'wrong-expected-version', actualVersion: 4n })
    const { nextExpectedRevision } = await server.client.appendToStream(stream, noted('5'), {
      expectedRevision: 4n,
    })
    expect(nextExpectedRevision).toBe(5n)
  })
})

describe('malformed metadata', () => {
  it.each([
    '{"$maxCount":"1"}',
    '{"$maxCount":1.0}',
    '{"$maxCount":1,"$maxAge":null}',
    '{"$maxCount":1,"$tb":{}}',
    '{"$maxCount":1,"$tb":9223372036854775808}',
    '{"$maxCount":1',
    '[{"$maxCount":1}]',
    'no JSON',
    '',
  ])('counts as none: %s', async (json) => {
    const stream = await streamOf(3)
    await writeMetadata(stream, json)
    expect(await read(stream)).toHaveLength(3)
  })

  it('is not what says something that is not positive, which is ignored', async () => {
    const stream = await streamOf(3)
    await writeMetadata(stream, '{"$maxCount":0,"$maxAge":-1,"$tb":1,"$cacheControl":0}')
    expect(await read(stream)).toEqual(['1', '2'])
  })

  it('is not a very large number, which is not the one that marks a deleted stream', async () => {
    const stream = await streamOf(3)
    await writeMetadata(stream, '{"$tb":9223372036854775806}')
    expect(await read(stream)).toEqual([])
    await writeMetadata(stream, '{"$tb":9223372036854775807}')
    await expect(read(stream)).rejects.toMatchObject({ type: 'stream-not-found' })
  })
})

it('metadata of metadata changes nothing', async () => {
  const stream = await streamOf(1)
  await server.client.setStreamMetadata(stream, { maxCount: 1 })
  for await (const resolved of server.client.readStream(`$$${stream}`)) {
    expect(noteOf(resolved)).toBe('($metadata)')
    expect(resolved.event?.data).toEqual({ $maxCount: 1 })
  }
})
