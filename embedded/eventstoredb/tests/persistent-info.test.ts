import {
  END,
  EventStoreDBClient,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { gather, newScene } from './consuming.ts'
import { admin, ops, startSecureServer } from './secure-server.ts'
import { newStream, noted, range, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

type Info = Awaited<ReturnType<EventStoreDBClient['getPersistentSubscriptionToStreamInfo']>>

const infoOf = (stream: string): Promise<Info> => client.getPersistentSubscriptionToStreamInfo(stream, 'g')

const untilInfo = (stream: string, holds: (info: Info) => boolean, what: string): Promise<void> =>
  until(async () => holds(await infoOf(stream)), what)

async function streamWith(count: number): Promise<string> {
  const stream = newStream()
  await client.appendToStream(stream, range(0, count).map(String).map(noted))
  return stream
}

describe('a group without events', () => {
  it('is live, and knows of nothing yet', async () => {
    const stream = newStream()
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: END }))
    await untilInfo(stream, ({ status }) => status === 'Live', 'it is live')
    const { connections, stats } = await infoOf(stream)
    expect(connections).toEqual([])
    expect(stats).toEqual({
      averagePerSecond: 0,
      totalItems: 0n,
      countSinceLastMeasurement: 0n,
      readBufferCount: 0,
      liveBufferCount: 0n,
      retryBufferCount: 0,
      totalInFlightMessages: 0,
      outstandingMessagesCount: 0,
      parkedMessageCount: 0n,
      lastCheckpointedEventRevision: undefined,
      lastKnownEventRevision: undefined,
    })
  })

  it('on $all has no positions yet', async () => {
    const { group, filter } = newScene()
    await client.createPersistentSubscriptionToAll(group, allSettings({ startFrom: END }), { filter })
    const { stats } = await client.getPersistentSubscriptionToAllInfo(group)
    expect(stats.lastKnownEventPosition).toBeUndefined()
    expect(stats.lastCheckpointedEventPosition).toBeUndefined()
  })
})

describe('a group at work', () => {
  it('knows its last event, and counts what it reads ahead and what is under way', async () => {
    const stream = await streamWith(30)
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: START }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 4 })
    await gather(consumer, () => 'none')
    await untilInfo(
      stream,
      ({ status, stats }) => status === 'Live' && stats.totalInFlightMessages === 4,
      'it has caught up, and its client is full',
    )
    const { connections, stats } = await infoOf(stream)
    expect(stats).toMatchObject({
      lastKnownEventRevision: 29n,
      readBufferCount: 26,
      totalItems: 4n,
      outstandingMessagesCount: 4,
    })
    expect(connections).toMatchObject([
      { availableSlots: 0, inFlightMessages: 4, totalItems: 4n, from: '', extraStatistics: undefined },
    ])
    await consumer.unsubscribe()
    await untilInfo(
      stream,
      ({ connections: left, stats: later }) => left.length === 0 && later.retryBufferCount === 4,
      'the unanswered are to be tried again',
    )
  })

  it('says who is connected, by the name of the connection', async () => {
    const stream = newStream()
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings())
    const separator = server.url.includes('?') ? '&' : '?'
    const named = EventStoreDBClient.connectionString(`${server.url}${separator}connectionName=billing`)
    const consumer = named.subscribeToPersistentSubscriptionToStream(stream, 'g')
    await gather(consumer)
    expect((await infoOf(stream)).connections).toMatchObject([{ connectionName: 'billing' }])
    await consumer.unsubscribe()
    await named.dispose()
  })

  it('that has no room is behind', async () => {
    const stream = await streamWith(300)
    const settings = streamSettings({ startFrom: START, historyBufferSize: 50, readBatchSize: 20 })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    await untilInfo(stream, ({ stats }) => stats.readBufferCount > 0, 'it has begun to read')
    await untilInfo(stream, ({ status }) => status === 'Behind', 'it waits for room')
    expect((await infoOf(stream)).stats.readBufferCount).toBeLessThanOrEqual(50)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 100 })
    const { seen } = await gather(consumer)
    await untilInfo(stream, ({ status }) => status === 'Live', 'it has caught up')
    await until(() => seen.length === 300, 'all have come')
    await consumer.unsubscribe()
  })

  it('that had no room for what happens keeps the newest of it', async () => {
    const stream = newStream()
    const settings = streamSettings({
      startFrom: END,
      historyBufferSize: 21,
      readBatchSize: 20,
      liveBufferSize: 10,
    })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    await client.appendToStream(stream, range(0, 100).map(String).map(noted))
    await untilInfo(
      stream,
      ({ status, stats }) => status === 'Behind' && stats.liveBufferCount === 10n,
      'the live buffer is full',
    )
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer)
    await until(() => seen.length === 100, 'all have come')
    expect(seen).toEqual(range(0, 100).map(String))
    await untilInfo(stream, ({ status }) => status === 'Live', 'it has caught up')
    await consumer.unsubscribe()
  })

  it('says how many a second it delivers', async () => {
    const stream = await streamWith(50)
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: START }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    await gather(consumer)
    await untilInfo(
      stream,
      ({ stats }) => stats.totalItems === 50n && stats.averagePerSecond > 0,
      'the deliveries are measured',
    )
    await consumer.unsubscribe()
  })
})

describe('a connection', () => {
  it('is shown with the name of its user', async () => {
    const secure = await startSecureServer()
    const stream = newStream()
    const operator = secure.as(ops)
    await operator.createPersistentSubscriptionToStream(stream, 'g', streamSettings())
    const consumer = secure.as(admin).subscribeToPersistentSubscriptionToStream(stream, 'g')
    await gather(consumer)
    const { connections } = await operator.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(connections).toMatchObject([{ username: 'admin', from: '' }])
    await consumer.unsubscribe()
    await secure.stop()
  })
})

describe('extra statistics', () => {
  it('are the latencies of a connection’s answers', async () => {
    const stream = await streamWith(20)
    const settings = streamSettings({ startFrom: START, extraStatistics: true })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    await gather(consumer)
    await untilInfo(
      stream,
      ({ connections: [connection], stats }) =>
        stats.totalInFlightMessages === 0 && connection?.totalItems === 20n,
      'all are answered',
    )
    const [connection] = (await infoOf(stream)).connections
    const figures = connection?.extraStatistics
    expect([...(figures?.keys() ?? [])]).toEqual([
      'mean',
      'median',
      'fastest',
      'quintile 1',
      'quintile 2',
      'quintile 3',
      'quintile 4',
      'quintile 5',
      '90%',
      '95%',
      '99%',
      '99.5%',
      '99.9%',
      'highest',
    ])
    expect(figures?.get('fastest')).toBeLessThanOrEqual(Number(figures?.get('highest')))
    await consumer.unsubscribe()
  })
})
