import {
  jsonEvent,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { consume, gather } from './consuming.ts'
import { RawConsumer } from './raw-groups.ts'
import { newStream, noted, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

async function streamWith(...notes: string[]): Promise<string> {
  const stream = newStream()
  if (notes.length > 0) await client.appendToStream(stream, notes.map(noted))
  return stream
}

const fromStart = streamSettings({ startFrom: START })

const linkTo = (revision: number, stream: string) => ({
  ...jsonEvent({ type: '$>', data: {} }),
  contentType: 'application/octet-stream' as const,
  data: Buffer.from(`${revision}@${stream}`),
})

describe('a delivery', () => {
  it('has the event as it is read, and the position of the original', async () => {
    const stream = await streamWith('a')
    const links = newStream('links')
    const { position } = await client.appendToStream(links, linkTo(0, stream))
    const settings = streamSettings({ startFrom: START, resolveLinkTos: true })
    await client.createPersistentSubscriptionToStream(links, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(links, 'g')
    const { deliveries } = await gather(consumer)
    await until(() => deliveries.length === 1, 'it has come')
    const [{ event, link, commitPosition } = {}] = deliveries
    expect(event).toMatchObject({ streamId: stream, revision: 0n, type: 'Noted' })
    expect(link).toMatchObject({ streamId: links, revision: 0n, type: '$>' })
    expect(commitPosition).toBe(position?.commit)
    await consumer.unsubscribe()
  })

  it('of a link whose target is gone has the link alone, and is acknowledged by it', async () => {
    const stream = await streamWith('a')
    const links = newStream('links')
    await client.appendToStream(links, [linkTo(0, stream), linkTo(7, stream), linkTo(0, newStream())])
    const settings = streamSettings({ startFrom: START, resolveLinkTos: true, checkPointUpperBound: 3 })
    await client.createPersistentSubscriptionToStream(links, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(links, 'g')
    const { deliveries } = await gather(consumer)
    await until(() => deliveries.length === 3, 'all have come')
    expect(deliveries.map(({ event, link }) => [event?.revision, link?.revision])).toEqual([
      [0n, 0n],
      [undefined, 1n],
      [undefined, 2n],
    ])
    await until(
      async () =>
        (await client.getPersistentSubscriptionToStreamInfo(links, 'g')).stats
          .lastCheckpointedEventRevision === 2n,
      'all are acknowledged',
    )
    await consumer.unsubscribe()
  })

  it('of a link that is not to be resolved is the link', async () => {
    const links = newStream('links')
    await client.appendToStream(links, linkTo(0, await streamWith('a')))
    await client.createPersistentSubscriptionToStream(links, 'g', fromStart)
    const consumer = client.subscribeToPersistentSubscriptionToStream(links, 'g')
    expect(await consume(consumer, 1)).toEqual(['($>)'])
    await consumer.unsubscribe()
  })

  it('has its id in two numbers, where the client asks for that, and always says how often it was tried', async () => {
    const stream = await streamWith('a')
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart)
    const consumer = new RawConsumer(server.url)
    consumer.connect(stream, 'g', { structuredIds: true })
    const [confirmation, delivered] = await consumer.receive(2)
    expect(confirmation?.getSubscriptionConfirmation()?.getSubscriptionId()).toBe(`${stream}::g`)
    const event = delivered?.getEvent()
    expect(event?.hasRetryCount()).toBe(true)
    const id = event?.getEvent()?.getId()
    expect(id?.hasStructured()).toBe(true)
    if (id === undefined) throw new Error('An event has an id.')
    consumer.nack([id], 0)
    const [, , again] = await consumer.receive(3)
    expect(again?.getEvent()?.getRetryCount()).toBe(1)
    consumer.call.cancel()
  })
})

describe('what is not acknowledged', () => {
  it('is tried again when its time is up', async () => {
    const stream = await streamWith('a')
    const settings = streamSettings({ startFrom: START, messageTimeout: 0 })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(consumer, 2, (_, retries) => (retries === 0 ? 'none' : 'ack'))).toEqual(['a', 'a+1'])
    await consumer.unsubscribe()
  })

  it('is tried again before anything new, each in its place', async () => {
    const stream = await streamWith('a', 'b', 'c', 'd')
    await client.createPersistentSubscriptionToStream(stream, 'g', fromStart)
    const leaving = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 2 })
    const { seen } = await gather(leaving, () => 'none')
    await until(() => seen.length === 2, 'its window is full')
    await leaving.unsubscribe()
    const staying = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(staying, 4)).toEqual(['a+1', 'b+1', 'c', 'd'])
    await staying.unsubscribe()
  })

  it('goes from client to client as they leave, and is never parked for it', async () => {
    const stream = await streamWith('a')
    const settings = streamSettings({ startFrom: START, maxRetryCount: 1 })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    for (const expected of ['a', 'a+1', 'a+2', 'a+3']) {
      const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
      expect(await consume(consumer, 1, () => 'none')).toEqual([expected])
      await consumer.unsubscribe()
    }
    const { stats } = await client.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(stats.parkedMessageCount).toBe(0n)
  })

  it('counts as done when it is skipped; stop is no more than that', async () => {
    const stream = await streamWith('a', 'b', 'c')
    const settings = streamSettings({ startFrom: START, checkPointUpperBound: 3 })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 1 })
    const { seen } = await gather(consumer, (note) => (note === 'a' ? 'stop' : note === 'b' ? 'skip' : 'ack'))
    await until(
      async () =>
        (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats
          .lastCheckpointedEventRevision === 2n,
      'all three are done',
    )
    expect(seen).toEqual(['a', 'b', 'c'])
    await consumer.unsubscribe()
  })
})
