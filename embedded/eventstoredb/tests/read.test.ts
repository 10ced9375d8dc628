import { BACKWARDS, END, FORWARDS, START, type ReadRevision } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  exists,
  newStream,
  noted,
  noteOf,
  notesIn,
  positionsFrom,
  range,
  startServer,
  type Server,
} from './server.ts'

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

interface Options {
  readonly direction?: 'forwards' | 'backwards'
  readonly fromRevision?: ReadRevision
  readonly maxCount?: number
}

async function read(stream: string, options: Options): Promise<number[]> {
  const notes: number[] = []
  for await (const resolved of server.client.readStream(stream, options)) notes.push(Number(noteOf(resolved)))
  return notes
}

describe('a stream', () => {
  it('is read from either end and from any revision, inclusive', async () => {
    const stream = await streamOf(300)
    expect(await read(stream, {})).toEqual(range(0, 300))
    expect(await read(stream, { fromRevision: 290n })).toEqual(range(290, 10))
    expect(await read(stream, { fromRevision: 10n, maxCount: 3 })).toEqual([10, 11, 12])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END })).toEqual(
      range(0, 300).toReversed(),
    )
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 })).toEqual([299])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: 2n })).toEqual([2, 1, 0])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: START })).toEqual([0])
    expect(await read(stream, { fromRevision: 1000n })).toEqual([])
    expect(await read(stream, { direction: BACKWARDS, fromRevision: 1000n, maxCount: 2 })).toEqual([299, 298])
  })

  it('that never was is not found', async () => {
    await expect(read(newStream(), {})).rejects.toMatchObject({ type: 'stream-not-found' })
  })
})

it('any number of reads in a row may find nothing', async () => {
  for (let reads = 0; reads < 1500; reads += 1) expect(await exists(server.client, newStream())).toBe(false)
  const stream = await streamOf(1)
  expect(await read(stream, {})).toEqual([0])
})

describe('$all', () => {
  it('has every event once, in the order of positions, in both directions', async () => {
    await streamOf(200)
    await streamOf(200)
    const forwards = await positionsFrom(server.client.readAll())
    expect(new Set(forwards).size).toBe(forwards.length)
    expect(forwards).toEqual(forwards.toSorted((a, b) => Number(a - b)))
    const backwards = await positionsFrom(server.client.readAll({ direction: BACKWARDS, fromPosition: END }))
    expect(backwards.toReversed()).toEqual(forwards)
  })

  it('is read forwards from a position on, backwards from before it', async () => {
    await streamOf(10)
    const all = await positionsFrom(server.client.readAll())
    const at = all.at(-5) ?? 0n
    const fromPosition = { commit: at, prepare: at }
    const forwards = server.client.readAll({ direction: FORWARDS, fromPosition })
    expect(await positionsFrom(forwards)).toEqual(all.slice(-5))
    const backwards = server.client.readAll({ direction: BACKWARDS, fromPosition, maxCount: 3 })
    expect(await positionsFrom(backwards)).toEqual(all.slice(-8, -5).toReversed())
  })

  it('has events before anyone has written', async () => {
    const [first] = await positionsFrom(server.client.readAll({ maxCount: 1 }))
    expect(first).toBeGreaterThan(0n)
  })
})

describe('stream metadata', () => {
  it('limits what is read, not what is written', async () => {
    const stream = await streamOf(10)
    await server.client.setStreamMetadata(stream, { maxCount: 3 })
    expect(await notesIn(server.client, stream)).toEqual(['7', '8', '9'])
    await server.client.setStreamMetadata(stream, { truncateBefore: 5 })
    expect(await notesIn(server.client, stream)).toEqual(['5', '6', '7', '8', '9'])
    expect((await server.client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 5 })
    await server.client.appendToStream(stream, noted('10'), { expectedRevision: 9n })
    expect(await read(stream, { direction: BACKWARDS, fromRevision: END, maxCount: 1 })).toEqual([10])
  })
})

describe('deletion', () => {
  it('makes a stream read as missing until it is written to again', async () => {
    const stream = await streamOf(3)
    await server.client.deleteStream(stream, { expectedRevision: 2n })
    await expect(notesIn(server.client, stream)).rejects.toMatchObject({ type: 'stream-not-found' })
    await server.client.appendToStream(stream, noted('again'), { expectedRevision: 'no_stream' })
    expect(await notesIn(server.client, stream)).toEqual(['again'])
  })

  it('checks the expected revision', async () => {
    const stream = await streamOf(3)
    await expect(server.client.deleteStream(stream, { expectedRevision: 1n })).rejects.toMatchObject({
      type: 'wrong-expected-version',
      actualVersion: 2n,
    })
    await expect(server.client.deleteStream(newStream())).rejects.toMatchObject({
      type: 'wrong-expected-version',
    })
  })

  it('for good is for good', async () => {
    const stream = await streamOf(3)
    await server.client.tombstoneStream(stream)
    await expect(notesIn(server.client, stream)).rejects.toMatchObject({ type: 'stream-deleted' })
    await expect(server.client.appendToStream(stream, noted('x'))).rejects.toMatchObject({
      type: 'stream-deleted',
      streamName: stream,
    })
  })
})
