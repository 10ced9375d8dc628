import { END, START, streamNameFilter, type ResolvedEvent } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { exists, newStream, noted, noteOf, range, startServer, take, until, type Server } from './server.ts'

let server: Server
beforeAll(async () => {
  server = await startServer()
})
afterAll(() => server.stop())

const append = (stream: string, ...notes: string[]) => server.client.appendToStream(stream, notes.map(noted))

interface Watched {
  on(event: 'caughtUp' | 'confirmation', listener: () => void): unknown
  once(event: 'caughtUp', listener: () => void): unknown
}

const caughtUp = (subscription: Watched): Promise<void> =>
  new Promise((resolve) => subscription.once('caughtUp', resolve))

describe('a subscription to a stream', () => {
  it('gets what is there, then hears that it has caught up, once, then gets what comes', async () => {
    const stream = newStream()
    await append(stream, 'a', 'b')
    const subscription = server.client.subscribeToStream(stream)
    const order: string[] = []
    subscription.on('confirmation', () => order.push('confirmed'))
    subscription.on('caughtUp', () => order.push('caught up'))
    subscription.on('data', (event: ResolvedEvent) => order.push(noteOf(event)))
    await caughtUp(subscription)
    await append(stream, 'c')
    await append(stream, 'd')
    await until(() => order.includes('d'), 'all events have come')
    await subscription.unsubscribe()
    expect(order).toEqual(['confirmed', 'a', 'b', 'caught up', 'c', 'd'])
  })

  it('waits for a stream that is not there yet', async () => {
    const stream = newStream()
    const subscription = server.client.subscribeToStream(stream)
    const taken = take(subscription, 1)
    await caughtUp(subscription)
    await append(stream, 'a')
    expect((await taken).map(noteOf)).toEqual(['a'])
  })

  it('waits for a deleted stream to go on, from wherever it began', async () => {
    const stream = newStream()
    await append(stream, 'a', 'b')
    await server.client.deleteStream(stream)
    const subscriptions = ([START, END, 0n] as const).map((fromRevision) => {
      const subscription = server.client.subscribeToStream(stream, { fromRevision })
      return { taken: take(subscription, 1), ready: caughtUp(subscription) }
    })
    await Promise.all(subscriptions.map(({ ready }) => ready))
    await append(stream, 'c')
    for (const { taken } of subscriptions) expect((await taken).map(noteOf)).toEqual(['c'])
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

  it('may name a revision that is still to come', async () => {
    const stream = newStream()
    await append(stream, 'a')
    const subscription = server.client.subscribeToStream(stream, { fromRevision: 2n })
    const taken = take(subscription, 1)
    await caughtUp(subscription)
    await append(stream, 'b', 'c', 'd')
    expect((await taken).map(noteOf)).toEqual(['d'])
  })

  it('can be resumed from any revision, and gets exactly the rest', async () => {
    const stream = newStream()
    const notes = range(0, 200).map(String)
    await append(stream, ...notes)
    for (const from of [0, 1, 31, 32, 127, 128, 198]) {
      const fromRevision = BigInt(from)
      const rest = notes.slice(from + 1)
      const taken = await take(server.client.subscribeToStream(stream, { fromRevision }), rest.length)
      expect(taken.map(noteOf)).toEqual(rest)
    }
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

  it('sees what readers see while it catches up, and everything that comes after', async () => {
    const stream = newStream()
    await append(stream, 'a', 'b', 'c')
    await server.client.setStreamMetadata(stream, { maxCount: 2 })
    const subscription = server.client.subscribeToStream(stream)
    const taken = take(subscription, 7)
    await caughtUp(subscription)
    // Not even in one append does the count take anything away from what comes live.
    await append(stream, 'd', 'e', 'f', 'g')
    await server.client.deleteStream(stream)
    await append(stream, 'h')
    expect((await taken).map(noteOf)).toEqual(['b', 'c', 'd', 'e', 'f', 'g', 'h'])
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

  it('to a stream with a tombstone fails at once', async () => {
    const stream = newStream()
    await append(stream, 'a')
    await server.client.tombstoneStream(stream)
    const subscription = server.client.subscribeToStream(stream)
    const ended = new Promise((resolve) => subscription.on('error', resolve))
    const seen: ResolvedEvent[] = []
    subscription.on('data', (event: ResolvedEvent) => seen.push(event))
    expect(await ended).toMatchObject({ type: 'stream-deleted' })
    expect(seen).toEqual([])
  })
})

describe('a subscription to $all', () => {
  it('starts after the position that it names', async () => {
    const stream = newStream()
    await append(stream, 'a')
    const { position: fromPosition = START } = await append(stream, 'b')
    await append(stream, 'c')
    const filter = streamNameFilter({ prefixes: [stream] })
    const taken = await take(server.client.subscribeToAll({ fromPosition, filter }), 1)
    expect(taken.map(noteOf)).toEqual(['c'])
  })

  it('can be resumed from any event, and gets exactly the rest', async () => {
    const stream = newStream()
    await append(stream, ...range(0, 150).map(String))
    const filter = streamNameFilter({ prefixes: [stream] })
    const all = await take(server.client.subscribeToAll({ filter }), 150)
    for (const index of [0, 1, 31, 32, 100, 148]) {
      const fromPosition = all[index]?.event?.position ?? START
      const rest = await take(server.client.subscribeToAll({ fromPosition, filter }), 149 - index)
      expect(rest.map(noteOf)).toEqual(all.slice(index + 1).map(noteOf))
    }
  })

  it('is caught up at once at the end, and hears so once', async () => {
    const stream = newStream()
    const subscription = server.client.subscribeToAll({ fromPosition: END })
    let times = 0
    subscription.on('caughtUp', () => (times += 1))
    const seen: string[] = []
    subscription.on('data', (event: ResolvedEvent) => {
      if (event.event?.streamId === stream) seen.push(noteOf(event))
    })
    await caughtUp(subscription)
    for (const note of ['a', 'b', 'c']) await append(stream, note)
    await until(() => seen.length === 3, 'all events have come')
    await subscription.unsubscribe()
    expect(seen).toEqual(['a', 'b', 'c'])
    expect(times).toBe(1)
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
