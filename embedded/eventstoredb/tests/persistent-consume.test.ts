import {
  END,
  eventTypeFilter,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  streamNameFilter,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { consume, gather, newScene, type Scene } from './consuming.ts'
import { RawConsumer } from './raw-groups.ts'
import { newStream, noted, range, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

const append = ({ category }: Scene, ...notes: string[]): Promise<unknown> =>
  client.appendToStream(`${category}-1`, notes.map(noted))

async function streamWith(...notes: string[]): Promise<string> {
  const stream = newStream()
  if (notes.length > 0) await client.appendToStream(stream, notes.map(noted))
  return stream
}

const fromStart = streamSettings({ startFrom: START })

describe('a group on $all', () => {
  it('gets what its filter lets through: what is there, then what comes', async () => {
    const scene = newScene()
    await append(scene, 'a', 'b')
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: START }), scene)
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group, { bufferSize: 500 })
    const seen = consume(consumer, 4)
    await client.appendToStream(newStream(), noted('other'))
    await append(scene, 'c', 'd')
    expect(await seen).toEqual(['a', 'b', 'c', 'd'])
    await consumer.unsubscribe()
  })

  it('that starts at the end gets only what is new', async () => {
    const scene = newScene()
    await append(scene, 'old')
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: END }), scene)
    await append(scene, 'new')
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group)
    expect(await consume(consumer, 1)).toEqual(['new'])
    await consumer.unsubscribe()
  })

  it('may start at a position, which is included', async () => {
    const scene = newScene()
    await append(scene, 'a')
    const { position } = await client.appendToStream(`${scene.category}-1`, noted('b'))
    if (position === undefined) throw new Error('An append has a position.')
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: position }), scene)
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group)
    expect(await consume(consumer, 1)).toEqual(['b'])
    await consumer.unsubscribe()
  })

  it('that has much to catch up on delivers all of it, in order', async () => {
    const scene = newScene()
    const notes = range(0, 3000).map(String)
    await append(scene, ...notes)
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: START }), scene)
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group, { bufferSize: 50 })
    expect(await consume(consumer, notes.length)).toEqual(notes)
    await consumer.unsubscribe()
  })
})

describe('a filter', () => {
  const typed = (type: string) => jsonEvent({ type, data: { note: type } })

  it.each([
    ['prefixes of streams', (id: string) => streamNameFilter({ prefixes: ['none', `${id}x`] })],
    ['a pattern of streams', (id: string) => streamNameFilter({ regex: `^${id}x` })],
    ['prefixes of types', (id: string) => eventTypeFilter({ prefixes: [`${id}Paid`] })],
    ['a pattern of types', (id: string) => eventTypeFilter({ regex: `^${id}.*id$` })],
  ])('may be %s', async (_, filterFor) => {
    const id = newStream('f').replaceAll('-', '')
    const { group } = newScene()
    const settings = allSettings({ startFrom: START })
    await client.createPersistentSubscriptionToAll(group, settings, { filter: filterFor(id) })
    await client.appendToStream(`${id}y`, typed(`${id}Placed`))
    await client.appendToStream(`${id}x-1`, [`${id}Paid`, `${id}PaidLate_Paid`].map(typed))
    const consumer = client.subscribeToPersistentSubscriptionToAll(group)
    expect(await consume(consumer, 2)).toEqual([`${id}Paid`, `${id}PaidLate_Paid`])
    await consumer.unsubscribe()
  })
})

/** A real node takes such a position too, and then has nothing to read there. */
describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('a start inside an event', () => {
  it('means the next one', async () => {
    const scene = newScene()
    const { position } = await client.appendToStream(`${scene.category}-1`, noted('a'))
    await append(scene, 'b')
    const inside = (position?.commit ?? 0n) + 1n
    const settings = allSettings({ startFrom: { commit: inside, prepare: inside } })
    await client.createPersistentSubscriptionToAll(scene.group, settings, scene)
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group)
    expect(await consume(consumer, 1)).toEqual(['b'])
    await consumer.unsubscribe()
  })
})

describe('a group on a stream', () => {
  it('gets its events, from the revision that it names', async () => {
    const stream = await streamWith('a', 'b', 'c')
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: 1n }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(consumer, 2)).toEqual(['b', 'c'])
    await consumer.unsubscribe()
  })

  it('may be there before the stream', async () => {
    const stream = newStream()
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const seen = consume(consumer, 2)
    await client.appendToStream(stream, ['a', 'b'].map(noted))
    expect(await seen).toEqual(['a', 'b'])
    await consumer.unsubscribe()
  })

  it('is not given what the stream no longer shows, and goes on when a deleted stream lives again', async () => {
    const stream = await streamWith('a', 'b', 'c')
    await client.setStreamMetadata(stream, { truncateBefore: 1 })
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer)
    await until(() => seen.length === 2, 'what is left has come')
    await client.deleteStream(stream)
    await client.appendToStream(stream, noted('d'))
    await until(() => seen.length === 3, 'the new event has come')
    expect(seen).toEqual(['b', 'c', 'd'])
    await consumer.unsubscribe()
  })

  it('that is live gets every event, however few the stream keeps', async () => {
    const stream = newStream()
    await client.setStreamMetadata(stream, { maxCount: 1 })
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: END }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer)
    await client.appendToStream(stream, ['a', 'b', 'c'].map(noted))
    await until(() => seen.length === 3, 'all have come')
    expect(seen).toEqual(['a', 'b', 'c'])
    await consumer.unsubscribe()
  })
})

describe('a consumer', () => {
  it('has no more at a time than it asked for', async () => {
    const stream = await streamWith('a', 'b', 'c', 'd', 'e')
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 2 })
    const { seen, deliveries } = await gather(consumer, () => 'none')
    await until(() => seen.length === 2, 'its window is full')
    const { connections } = await client.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(connections).toMatchObject([{ inFlightMessages: 2, availableSlots: 0 }])
    await consumer.ack(...deliveries)
    await until(() => seen.length === 4, 'it is full again')
    expect(seen).toEqual(['a', 'b', 'c', 'd'])
    await consumer.unsubscribe()
  })

  it('may have more at a time than the group reads ahead', async () => {
    const stream = await streamWith(...range(0, 300).map(String))
    const settings = streamSettings({ startFrom: START, readBatchSize: 10, historyBufferSize: 11 })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 250 })
    const { seen } = await gather(consumer, () => 'none')
    await until(() => seen.length === 250, 'its window is full')
    await consumer.unsubscribe()
  })

  it('may acknowledge two thousand at once', async () => {
    const stream = await streamWith(...range(0, 2000).map(String))
    const settings = streamSettings({ startFrom: START, checkPointUpperBound: 2000 })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 2000 })
    const { deliveries } = await gather(consumer, () => 'none')
    await until(() => deliveries.length === 2000, 'all have come')
    await consumer.ack(...deliveries)
    await until(
      async () =>
        (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats
          .lastCheckpointedEventRevision === 1999n,
      'all are acknowledged',
    )
    await consumer.unsubscribe()
  })

  it('that says no more still gets events', async () => {
    const stream = await streamWith('a')
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart)
    const consumer = new RawConsumer(server.url)
    consumer.connect(stream, 'g')
    await consumer.receive(2)
    consumer.call.halfClose()
    await client.appendToStream(stream, noted('b'))
    const [, , later] = await consumer.receive(3)
    expect(later?.getEvent()?.getEvent()?.getStreamRevision()).toBe('1')
    consumer.call.cancel()
  })

  it('begins by saying what it wants to consume', async () => {
    const consumer = new RawConsumer(server.url)
    consumer.ack([])
    consumer.call.halfClose()
    expect(await consumer.call.ended).toMatchObject({ code: 3 })
  })
})
