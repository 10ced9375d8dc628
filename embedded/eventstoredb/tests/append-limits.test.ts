import { ANY, binaryEvent, jsonEvent, NO_STREAM, type EventData } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { exists, newStream, noted, notesIn, range, startServer, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const mebibyte = 1024 * 1024
const type = 'Scanned'

/** So many bytes as appends are measured: data, metadata, and two for each letter of the type. */
const ofSize = (size: number, metadata = Buffer.alloc(0)): EventData =>
  binaryEvent({ type, metadata, data: Buffer.alloc(size - metadata.length - 2 * type.length) })

const callsOfEither = [
  ['many appends on one call', {}],
  ['one append on its own call', { credentials: { username: 'admin', password: 'changeit' } }],
] as const

describe.each(callsOfEither)('an append, %s,', (_, options) => {
  it('may have exactly 1 MiB, in one event or many', async () => {
    for (const events of [
      [ofSize(mebibyte)],
      [ofSize(mebibyte, Buffer.alloc(1000))],
      range(0, 4).map(() => ofSize(mebibyte / 4)),
    ]) {
      const { nextExpectedRevision } = await server.client.appendToStream(newStream(), events, options)
      expect(nextExpectedRevision).toBe(BigInt(events.length - 1))
    }
  })

  it('may not have a byte more', async () => {
    for (const events of [
      [ofSize(mebibyte + 1)],
      [ofSize(mebibyte + 1, Buffer.alloc(1000))],
      [ofSize(mebibyte / 2), ofSize(mebibyte / 2 + 1)],
    ]) {
      const stream = newStream()
      await expect(server.client.appendToStream(stream, events, options)).rejects.toMatchObject({
        type: 'maximum-append-size-exceeded',
        maxAppendSize: mebibyte,
      })
      expect(await exists(server.client, stream)).toBe(false)
    }
  })

  it('may have ten thousand events, read again in either direction', async () => {
    const stream = newStream()
    for (const from of range(0, 10)) {
      await server.client.appendToStream(
        stream,
        range(from * 1000, 1000)
          .map(String)
          .map(noted),
        options,
      )
    }
    const notes = range(0, 10_000).map(String)
    expect(await notesIn(server.client, stream)).toEqual(notes)
    expect(await notesIn(server.client, stream, { direction: 'backwards', fromRevision: 'end' })).toEqual(
      notes.toReversed(),
    )
  })

  it('may not have an event without a type', async () => {
    const event = jsonEvent({ type: '', data: {} })
    await expect(server.client.appendToStream(newStream(), event, options)).rejects.toThrow()
  })
})

describe('an append in chunks', () => {
  it.each([10_000, 100_000])('of %i bytes is one append', async (batchAppendSize) => {
    const stream = newStream()
    const notes = range(0, 500).map((n) => `${n} ${'x'.repeat(1000)}`)
    const options = { batchAppendSize, expectedRevision: NO_STREAM } as const
    const { nextExpectedRevision } = await server.client.appendToStream(stream, notes.map(noted), options)
    expect(nextExpectedRevision).toBe(499n)
    expect(await notesIn(server.client, stream)).toEqual(notes)
  })

  it('that grows too large is refused once, and the call lives on', async () => {
    const stream = newStream()
    const notes = range(0, 300).map((n) => `${n} ${'x'.repeat(5000)}`)
    const writing = server.client.appendToStream(stream, notes.map(noted), { batchAppendSize: 50_000 })
    await expect(writing).rejects.toMatchObject({ type: 'maximum-append-size-exceeded' })
    const { nextExpectedRevision } = await server.client.appendToStream(stream, noted('a'))
    expect(nextExpectedRevision).toBe(0n)
  })

  it('does not get in the way of others that are under way', async () => {
    const stream = newStream()
    const many = () => range(0, 200).map((n) => noted(`${n} ${'x'.repeat(1000)}`))
    const writers = range(0, 10).map(() =>
      server.client.appendToStream(stream, many(), { batchAppendSize: 5000, expectedRevision: ANY }),
    )
    await Promise.all(writers)
    expect(await notesIn(server.client, stream)).toHaveLength(2000)
  })
})

it('what is past its deadline is not written', async () => {
  const stream = newStream()
  await expect(server.client.appendToStream(stream, noted('late'), { deadline: -1 })).rejects.toMatchObject({
    type: 'deadline-exceeded',
  })
  expect(await exists(server.client, stream)).toBe(false)
})
