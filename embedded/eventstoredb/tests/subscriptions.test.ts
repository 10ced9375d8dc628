import {
  END,
  eventTypeFilter,
  jsonEvent,
  START,
  streamNameFilter,
  type ResolvedEvent,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { exists, newStream, noted, noteOf, range, startServer, take, until, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const append = (stream: string, ...notes: string[]): Promise<unknown> =>
  server.client.appendToStream(stream, notes.map(noted))

const caughtUp = (subscription: { once(event: 'caughtUp', listener: () => void): unknown }): Promise<void> =>
  new Promise((resolve) => subscription.once('caughtUp', resolve))

describe('a subscription to a stream', () => {
  it('gets what is there, then says so, then what comes', async () => {
    const stream = newStream()
    await append(stream, 'a', 'b')
    const subscription = server.client.subscribeToStream(stream)
    const taken = take(subscription, 3)
    await caughtUp(subscription)
    await append(stream, 'c')
    expect((await taken).map(noteOf)).toEqual(['a', 'b', 'c'])
  })

  it('waits for a stream that is not there yet', async () => {
    const stream = newStream()
    const subscription = server.client.subscribeToStream(stream)
    const taken = take(subscription, 1)
    await caughtUp(subscription)
    await append(stream, 'a')
    expect((await taken).map(noteOf)).toEqual(['a'])
  })

  it('starts after the revision that it names, or after the end', async () => {
    const stream = newStream()
    await append(stream, 'a', 'b', 'c')
    const after = take(server.client.subscribeToStream(stream, { fromRevision: 1n }), 1)
    expect((await after).map(noteOf)).toEqual(['c'])
    const live = server.client.subscribeToStream(stream, { fromRevision: END })
    const taken = take(live, 1)
    await caughtUp(live)
    await append(stream, 'd')
    expect((await taken).map(noteOf)).toEqual(['d'])
  })

  it('loses and repeats nothing where catching up meets what is new', async () => {
    const stream = newStream()
    const notes = range(0, 1000).map(String)
    const writing = (async () => {
      for (const note of notes) await append(stream, note)
    })()
    await until(() => exists(server.client, stream), 'the first event is there')
    const readers = range(0, 5).map(() => take(server.client.subscribeToStream(stream), notes.length))
    await writing
    for (const taken of await Promise.all(readers)) expect(taken.map(noteOf)).toEqual(notes)
  })

  it('gets the tombstone, and ends', async () => {
    const stream = newStream()
    await append(stream, 'a')
    const subscription = server.client.subscribeToStream(stream)
    const seen: ResolvedEvent[] = []
    const ended = new Promise((resolve) => subscription.on('error', resolve))
    subscription.on('data', (event: ResolvedEvent) => seen.push(event))
    await caughtUp(subscription)
    await server.client.tombstoneStream(stream)
    expect(await ended).toMatchObject({ type: 'stream-deleted' })
    expect(seen.map(noteOf)).toEqual(['a', '($streamDeleted)'])
  })
})

describe('a subscription to $all', () => {
  it.each([
    ['stream prefixes', (category: string) => streamNameFilter({ prefixes: [`${category}-`, 'nobody-'] })],
    ['a stream pattern', (category: string) => streamNameFilter({ regex: `^${category}-` })],
  ])('is filtered by %s', async (_, filter) => {
    const category = newStream('category').replaceAll('-', '')
    const stream = newStream(category)
    await append(stream, 'a')
    await append(newStream(), 'other')
    const subscription = server.client.subscribeToAll({ fromPosition: START, filter: filter(category) })
    const taken = take(subscription, 2)
    await caughtUp(subscription)
    await append(newStream(), 'other')
    await append(stream, 'b')
    expect((await taken).map(noteOf)).toEqual(['a', 'b'])
  })

  it('is filtered by event type', async () => {
    const type = newStream('Type')
    const stream = newStream()
    await append(stream, 'other')
    await server.client.appendToStream(stream, jsonEvent({ type, data: { note: 'a' } }))
    for (const filter of [eventTypeFilter({ prefixes: [type] }), eventTypeFilter({ regex: `^${type}$` })]) {
      const taken = await take(server.client.subscribeToAll({ fromPosition: START, filter }), 1)
      expect(taken.map(noteOf)).toEqual(['a'])
    }
  })

  it('starts after the position that it names', async () => {
    const stream = newStream()
    await append(stream, 'a')
    const { position } = await server.client.appendToStream(stream, noted('b'))
    await append(stream, 'c')
    if (position === undefined) throw new Error('An append has a position.')
    const taken = await take(server.client.subscribeToAll({ fromPosition: position }), 1)
    expect(taken.map(noteOf)).toEqual(['c'])
  })

  it('tells how far it has come, also where nothing matches', async () => {
    const checkpoints: bigint[] = []
    const filter = streamNameFilter({
      prefixes: [newStream('nobody')],
      checkpointInterval: 2,
      checkpointReached: (_, position) => {
        checkpoints.push(position.commit)
      },
    })
    const subscription = server.client.subscribeToAll({ fromPosition: END, filter })
    await caughtUp(subscription.resume())
    for (let written = 0; written < 384; written += 1) await append(newStream(), 'x')
    await until(() => checkpoints.length >= 6, 'six checkpoints have come')
    await subscription.unsubscribe()
    expect(checkpoints).toEqual(checkpoints.toSorted((a, b) => Number(a - b)))
    expect(new Set(checkpoints).size).toBe(checkpoints.length)
    expect(checkpoints.length).toBeLessThanOrEqual(7)
  })

  it('has all subscribers in step with many writers, however slow they are', async () => {
    const category = newStream('busy').replaceAll('-', '')
    const count = 2000
    const filter = streamNameFilter({ prefixes: [category] })
    const fast = take(server.client.subscribeToAll({ filter }), count)
    const slow = server.client.subscribeToAll({ filter }, { highWaterMark: 1 })
    const writers = range(0, 10).map(async (writer) => {
      for (const n of range(0, count / 10)) await append(`${category}-${writer}`, `${n} ${'x'.repeat(2000)}`)
    })
    const iterator = slow[Symbol.asyncIterator]()
    const seen: ResolvedEvent[] = []
    await Promise.all(writers)
    // Only now does the slow one begin to read: what it has missed no longer fits in any buffer.
    while (seen.length < count) {
      const next: IteratorResult<ResolvedEvent, unknown> = await iterator.next()
      if (next.done === true) break
      seen.push(next.value)
    }
    await slow.unsubscribe()
    const positionsOf = (events: readonly ResolvedEvent[]): unknown[] =>
      events.map(({ event }) => event?.position)
    expect(positionsOf(seen)).toEqual(positionsOf(await fast))
    expect(new Set(seen.map(({ event }) => event?.id)).size).toBe(count)
  })
})
