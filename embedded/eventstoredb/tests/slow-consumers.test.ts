import { END, streamNameFilter, type EventStoreDBClient, type ResolvedEvent } from '@eventstore/db-client'
import monitoring from '@eventstore/db-client/generated/monitoring_pb.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openRawCall } from './raw-call.ts'
import { connect, newStream, noted, noteOf, range, startServer, until, type Server } from './server.ts'

let server: Server
let readers: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  readers = connect(server.url)
})
afterAll(async () => {
  void readers.dispose()
  await server.stop()
})

const large = 'x'.repeat(20_000)

/** As the node itself tells it. */
async function figure(name: string): Promise<number> {
  const call = openRawCall(server.url, '/event_store.client.monitoring.Monitoring/Stats')
  call.send(new monitoring.StatsReq().serializeBinary())
  call.halfClose()
  const [message = Buffer.alloc(0)] = await call.receive(1)
  call.cancel()
  let value = Number.NaN
  monitoring.StatsResp.deserializeBinary(message)
    .getStatsMap()
    .forEach((text, each) => {
      if (each === name) value = Number(text)
    })
  return value
}

type Subscription = AsyncIterable<ResolvedEvent> & {
  on(event: 'caughtUp', listener: () => void): unknown
  on(event: 'data', listener: (event: ResolvedEvent) => void): unknown
  unsubscribe(): Promise<void>
}

/** A subscriber that has caught up, and reads no further until it is asked to. */
async function open(
  subscription: Subscription,
): Promise<{ caughtUp: () => number; subscription: Subscription }> {
  let times = 0
  subscription.on('caughtUp', () => (times += 1))
  await until(() => times === 1, 'the subscription has caught up')
  return { caughtUp: () => times, subscription }
}

describe.each([
  [
    'a stream',
    (stream: string) => readers.subscribeToStream(stream, { fromRevision: END }, { highWaterMark: 1 }),
  ],
  [
    '$all',
    (stream: string) =>
      readers.subscribeToAll(
        { fromPosition: END, filter: streamNameFilter({ prefixes: [stream] }) },
        { highWaterMark: 1 },
      ),
  ],
])('a subscriber to %s', (_, subscribe) => {
  it('that can not keep up misses nothing, and hears again that it has caught up', async () => {
    const stream = newStream()
    const { subscription, caughtUp } = await open(subscribe(stream))
    const notes = range(0, 200).map((n) => `${n} ${large}`)
    for (const note of notes) await server.client.appendToStream(stream, noted(note))
    const seen: string[] = []
    subscription.on('data', (event) => seen.push(noteOf(event)))
    await until(() => caughtUp() === 2, 'it hears that it has caught up')
    expect(seen).toEqual(notes)
    await subscription.unsubscribe()
  })

  it('that falls a little behind goes on as if nothing had been', async () => {
    const stream = newStream()
    const { subscription, caughtUp } = await open(subscribe(stream))
    for (const n of range(0, 30)) await server.client.appendToStream(stream, noted(String(n)))
    const seen: string[] = []
    subscription.on('data', (event) => seen.push(noteOf(event)))
    await until(() => seen.length === 30, 'all events have come')
    expect(seen).toEqual(range(0, 30).map(String))
    expect(caughtUp()).toBe(1)
    await subscription.unsubscribe()
  })
})

it('two hundred subscribers of whom most do not read cost neither memory nor the time of the others', async () => {
  const stream = newStream()
  const filter = streamNameFilter({ prefixes: [stream] })
  const subscribe = (n: number): Subscription =>
    n % 2 === 0
      ? readers.subscribeToStream(stream, { fromRevision: END })
      : readers.subscribeToAll({ fromPosition: END, filter })
  const before = await figure('proc-mem')
  const all = await Promise.all(range(0, 200).map((n) => open(subscribe(n))))
  const reading = all.slice(0, 10).map(async ({ subscription }) => {
    const seen: string[] = []
    for await (const event of subscription) {
      seen.push(noteOf(event).split(' ')[0] ?? '')
      if (seen.length === 1000) break
    }
    return seen
  })
  const notes = range(0, 1000)
  for (const from of range(0, 100)) {
    await server.client.appendToStream(
      stream,
      range(from * 10, 10).map((n) => noted(`${n} ${large}`)),
    )
  }
  for (const seen of await Promise.all(reading)) expect(seen).toEqual(notes.map(String))
  // 20 MB have been written. Were they kept for each that doesn't read, it would be 4 GB.
  expect((await figure('proc-mem')) - before).toBeLessThan(500 * 1024 * 1024)
  await Promise.all(all.map(({ subscription }) => subscription.unsubscribe()))
})

it('subscriptions and reads may be cancelled at any moment', async () => {
  const stream = newStream()
  for (const n of range(0, 20)) await server.client.appendToStream(stream, noted(`${n} ${large}`))
  const cancelled = range(0, 200).map(async (n) => {
    const source =
      n % 3 === 0
        ? readers.subscribeToStream(stream)
        : n % 3 === 1
          ? readers.subscribeToAll()
          : readers.readStream(stream)
    let seen = 0
    for await (const _ of source) {
      seen += 1
      if (seen > n % 20) break
    }
    if ('unsubscribe' in source) await source.unsubscribe()
    else await source.cancel()
  })
  const writing = range(0, 50).map((n) => server.client.appendToStream(stream, noted(String(n))))
  await Promise.all([...cancelled, ...writing])
  const { nextExpectedRevision } = await server.client.appendToStream(stream, noted('last'))
  expect(nextExpectedRevision).toBe(70n)
})
