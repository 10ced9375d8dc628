import {
  DISPATCH_TO_SINGLE,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  PINNED,
  ROUND_ROBIN,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, expect, it } from 'vitest'

import { gather, newScene, type Gathering } from './consuming.ts'
import { createRaw } from './raw-groups.ts'
import { newStream, noted, range, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

const count = (gatherings: readonly Gathering[]): number =>
  gatherings.reduce((sum, { seen }) => sum + seen.length, 0)

const streamsOf = ({ deliveries }: Gathering): Set<string> =>
  new Set(deliveries.map(({ event }) => event?.streamId ?? ''))

it('RoundRobin shares among all clients, each event once', async () => {
  const stream = newStream()
  const settings = streamSettings({ startFrom: START, consumerStrategyName: ROUND_ROBIN })
  await client.createPersistentSubscriptionToStream(stream, 'g', settings)
  const consumers = range(0, 3).map(() => client.subscribeToPersistentSubscriptionToStream(stream, 'g'))
  const gatherings = await Promise.all(consumers.map((consumer) => gather(consumer)))
  const notes = range(0, 300).map(String)
  await client.appendToStream(stream, notes.map(noted))
  await until(() => count(gatherings) >= notes.length, 'all have come')
  expect(gatherings.flatMap(({ seen }) => seen).toSorted()).toEqual(notes.toSorted())
  for (const { seen } of gatherings) expect(seen.length).toBeGreaterThan(0)
  for (const consumer of consumers) await consumer.unsubscribe()
})

it('DispatchToSingle fills one client before the next', async () => {
  const stream = newStream()
  const settings = streamSettings({ startFrom: START, consumerStrategyName: DISPATCH_TO_SINGLE })
  await client.createPersistentSubscriptionToStream(stream, 'g', settings)
  const consumers = range(0, 2).map(() =>
    client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 3 }),
  )
  const gatherings = await Promise.all(consumers.map((consumer) => gather(consumer, () => 'none')))
  await client.appendToStream(stream, ['a', 'b', 'c', 'd'].map(noted))
  await until(() => count(gatherings) === 4, 'all have come')
  expect(new Set(gatherings.map(({ seen }) => seen.join('')))).toEqual(new Set(['abc', 'd']))
  for (const consumer of consumers) await consumer.unsubscribe()
})

it('Pinned keeps each stream with one client; a full client keeps nobody else waiting', async () => {
  const { group, filter, category } = newScene()
  const settings = allSettings({ startFrom: START, consumerStrategyName: PINNED })
  await client.createPersistentSubscriptionToAll(group, settings, { filter })
  const consumers = range(0, 2).map(() =>
    client.subscribeToPersistentSubscriptionToAll(group, { bufferSize: 1 }),
  )
  let busy: (note: string) => boolean = () => false
  const gatherings = await Promise.all(
    consumers.map((consumer) => gather(consumer, (note) => (busy(note) ? 'none' : 'ack'))),
  )
  const streams = range(0, 8).map((n) => `${category}-${n}`)
  const toEach = async (...notes: string[]): Promise<void> => {
    for (const stream of streams) await client.appendToStream(stream, notes.map(noted))
  }
  await toEach('a', 'b', 'c')
  await until(() => count(gatherings) === 24, 'all have come')
  const [first, second] = gatherings.map(streamsOf)
  expect(first?.isDisjointFrom(second ?? new Set())).toBe(true)
  expect(Math.min(first?.size ?? 0, second?.size ?? 0)).toBeGreaterThan(0)

  // The first client takes one event of its streams and keeps it; the second one gets all that is its own.
  busy = (note) => note === 'd'
  const [own = ''] = first ?? []
  await client.appendToStream(own, ['d', 'e', 'f'].map(noted))
  await until(() => gatherings[0]?.seen.at(-1) === 'd', 'the first client is busy')
  for (const stream of second ?? []) await client.appendToStream(stream, noted('g'))
  await until(
    () => gatherings[1]?.seen.filter((note) => note === 'g').length === second?.size,
    'the second client has its own',
  )
  expect(gatherings[0]?.seen.at(-1)).toBe('d')
  for (const consumer of consumers) await consumer.unsubscribe()
})

it('PinnedByCorrelation keeps together what has one $correlationId', async () => {
  const stream = newStream()
  await createRaw(server.url, { stream, group: 'g' }, (settings) =>
    settings.setConsumerStrategy('PinnedByCorrelation'),
  )
  const consumers = range(0, 2).map(() => client.subscribeToPersistentSubscriptionToStream(stream, 'g'))
  const gatherings = await Promise.all(consumers.map((consumer) => gather(consumer)))
  const correlated = (n: number) =>
    jsonEvent({ type: 'Noted', data: { note: `k${n % 6}` }, metadata: { $correlationId: `k${n % 6}` } })
  await client.appendToStream(stream, range(0, 30).map(correlated))
  await until(() => count(gatherings) === 30, 'all have come')
  const [first, second] = gatherings.map(({ seen }) => new Set(seen))
  expect(Math.min(first?.size ?? 0, second?.size ?? 0)).toBeGreaterThan(0)
  expect(first?.isDisjointFrom(second ?? new Set())).toBe(true)
  for (const consumer of consumers) await consumer.unsubscribe()
})
