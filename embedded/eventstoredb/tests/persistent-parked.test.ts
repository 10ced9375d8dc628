import {
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { consume, gather, newScene, parkedCount, parkedStreamOf } from './consuming.ts'
import { replayRaw } from './raw-groups.ts'
import { newStream, noted, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

const fromStart = streamSettings({ startFrom: START })

async function groupOn(stream: string, settings = fromStart): Promise<void> {
  await client.createPersistentSubscriptionToStream(stream, 'g', settings)
}

const parkedOn = async (stream: string): Promise<number> =>
  Number((await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats.parkedMessageCount)

const untilParked = (stream: string, count: number): Promise<void> =>
  until(async () => (await parkedOn(stream)) === count, `${count} messages are parked`)

const parkedMetadata = z.strictObject({
  added: z.iso.datetime(),
  reason: z.string(),
  subscriptionEventNumber: z.number().optional(),
})

interface Parked {
  readonly type: string
  readonly target: string
  readonly contentType: string
  readonly why: Omit<z.infer<typeof parkedMetadata>, 'added'>
}

async function parkedIn(stream: string): Promise<Parked[]> {
  const parked: Parked[] = []
  for await (const { event } of client.readStream(parkedStreamOf(stream, 'g'))) {
    if (event === undefined) continue
    const target = event.data instanceof Uint8Array ? Buffer.from(event.data).toString() : ''
    const contentType = event.isJson ? 'json' : 'bytes'
    const { added: _, ...why } = parkedMetadata.parse(event.metadata)
    parked.push({ type: event.type, target, contentType, why })
  }
  return parked
}

describe('a message is parked', () => {
  it('as a link to the event, which says when, why and what it was to the group', async () => {
    const stream = newStream()
    await groupOn(stream, streamSettings({ startFrom: START, maxRetryCount: 2 }))
    await client.appendToStream(stream, ['a', 'b', 'c'].map(noted))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const seen = await consume(consumer, 5, (note) =>
      note === 'a' ? 'retry' : note === 'b' ? 'park' : 'ack',
    )
    expect(seen.toSorted()).toEqual(['a', 'a+1', 'a+2', 'b', 'c'])
    await untilParked(stream, 2)
    const parked = await parkedIn(stream)
    expect(parked).toContainEqual({
      type: '$>',
      contentType: 'bytes',
      target: `0@${stream}`,
      why: { reason: 'Reached retry count of 2' },
    })
    expect(parked).toContainEqual({
      type: '$>',
      contentType: 'bytes',
      target: `1@${stream}`,
      why: {
        reason: "Client explicitly NAK'ed message.\nunheard of",
        subscriptionEventNumber: 1,
      },
    })
    await consumer.unsubscribe()
  })

  it('by its first failure where no retries are allowed, and by its timeout too', async () => {
    const stream = newStream()
    await groupOn(stream, streamSettings({ startFrom: START, maxRetryCount: 0, messageTimeout: 0 }))
    await client.appendToStream(stream, ['a', 'b'].map(noted))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer, (note) => (note === 'a' ? 'retry' : 'none'))
    await untilParked(stream, 2)
    expect(seen).toEqual(['a', 'b'])
    expect((await parkedIn(stream)).map(({ why }) => why)).toMatchObject([
      { reason: 'Reached retry count of 0' },
      { reason: 'Reached retry count of 0' },
    ])
    await consumer.unsubscribe()
  })

  it('as a link to the target of a link, or as what the link says if that is gone', async () => {
    const [stream, links] = [newStream(), newStream('links')]
    await client.appendToStream(stream, noted('a'))
    const linkTo = (target: string) => ({
      ...jsonEvent({ type: '$>', data: {} }),
      contentType: 'application/octet-stream' as const,
      data: Buffer.from(target),
    })
    await client.appendToStream(links, [linkTo(`0@${stream}`), linkTo(`9@${stream}`)])
    await groupOn(links, streamSettings({ startFrom: START, resolveLinkTos: true }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(links, 'g')
    await consume(consumer, 2, () => 'park')
    await untilParked(links, 2)
    expect((await parkedIn(links)).map(({ target }) => target).toSorted()).toEqual([
      `0@${stream}`,
      `9@${stream}`,
    ])
    await consumer.unsubscribe()
  })
})

describe('a replay', () => {
  it('delivers what is parked again, before its end if it has one', async () => {
    const { group, filter, category } = newScene()
    await client.createPersistentSubscriptionToAll(group, allSettings({ startFrom: START }), { filter })
    const consumer = client.subscribeToPersistentSubscriptionToAll(group)
    await client.appendToStream(`${category}-1`, ['a', 'b', 'c'].map(noted))
    await consume(consumer, 3, () => 'park')
    await until(async () => (await parkedCount(client, group)) === 3, 'three messages are parked')
    await consumer.unsubscribe()
    const again = client.subscribeToPersistentSubscriptionToAll(group)
    const { seen, deliveries } = await gather(again)
    await client.replayParkedMessagesToAll(group, { stopAt: 2 })
    await until(async () => (await parkedCount(client, group)) === 1, 'one message is still parked')
    expect(seen).toEqual(['a', 'b'])
    expect(deliveries.map(({ link }) => link?.streamId)).toEqual(
      Array.from({ length: 2 }, () => parkedStreamOf('$all', group)),
    )
    await client.replayParkedMessagesToAll(group)
    await until(async () => (await parkedCount(client, group)) === 0, 'nothing is parked any more')
    expect(seen).toEqual(['a', 'b', 'c'])
    await again.unsubscribe()
  })

  it('begins a new count of retries, and parks once more what still fails', async () => {
    const stream = newStream()
    await groupOn(stream, streamSettings({ startFrom: START, maxRetryCount: 1 }))
    await client.appendToStream(stream, noted('a'))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer, () => 'retry')
    await untilParked(stream, 1)
    await client.replayParkedMessagesToStream(stream, 'g')
    await until(() => seen.length === 4, 'it has been tried again')
    expect(seen).toEqual(['a', 'a+1', 'a', 'a+1'])
    await until(async () => (await parkedIn(stream)).length === 1, 'only the new link is left')
    const [parked] = await parkedIn(stream)
    expect(parked?.target).toBe(`0@${stream}`)
    await untilParked(stream, 1)
    await consumer.unsubscribe()
  })

  it('leaves out what can not be had any more', async () => {
    const stream = newStream()
    await client.appendToStream(stream, ['a', 'b'].map(noted))
    await groupOn(stream)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    await consume(consumer, 2, () => 'park')
    await untilParked(stream, 2)
    await consumer.unsubscribe()
    await client.setStreamMetadata(stream, { truncateBefore: 1 })
    const again = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(again)
    await client.replayParkedMessagesToStream(stream, 'g')
    await untilParked(stream, 0)
    expect(seen).toEqual(['b'])
    await again.unsubscribe()
  })

  it('leaves the parked stream to administrators', async () => {
    const stream = newStream()
    await client.appendToStream(stream, noted('a'))
    await groupOn(stream)
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(consumer, () => (seen.length < 2 ? 'park' : 'ack'))
    await untilParked(stream, 1)
    await client.replayParkedMessagesToStream(stream, 'g')
    await untilParked(stream, 0)
    const { metadata } = await client.getStreamMetadata(parkedStreamOf(stream, 'g'))
    expect(metadata?.truncateBefore).toBe(1)
    const acl = metadata?.acl ?? {}
    const rights = ['readRoles', 'writeRoles', 'deleteRoles', 'metaReadRoles', 'metaWriteRoles'] as const
    for (const right of rights) expect([acl[right]].flat()).toEqual(['$admins'])
    await consumer.unsubscribe()
  })

  it('of nothing is no error', async () => {
    const stream = newStream()
    await groupOn(stream)
    await client.replayParkedMessagesToStream(stream, 'g')
    expect(await parkedOn(stream)).toBe(0)
  })

  it('can not stop before it starts', async () => {
    const stream = newStream()
    await groupOn(stream)
    const reply = await replayRaw(server.url, { stream, group: 'g', stopAt: -1 })
    expect(reply).toMatchObject({ code: 13, trailers: { exception: 'persistent-subscription-failed' } })
  })

  it('comes after all else that is tried again', async () => {
    const stream = newStream()
    await client.appendToStream(stream, ['a', 'b', 'c', 'd'].map(noted))
    await groupOn(stream)
    const parking = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 1 })
    await consume(parking, 1, () => 'park')
    await untilParked(stream, 1)
    await parking.unsubscribe()
    const leaving = client.subscribeToPersistentSubscriptionToStream(stream, 'g', { bufferSize: 1 })
    await gather(leaving, () => 'none')
    await client.replayParkedMessagesToStream(stream, 'g')
    await until(
      async () =>
        (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats.retryBufferCount > 0,
      'the parked message waits its turn',
    )
    await leaving.unsubscribe()
    await until(
      async () => (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).connections.length === 0,
      'nobody is connected',
    )
    const next = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(next)
    await until(() => seen.includes('d'), 'all have come')
    expect(seen.indexOf('a')).toBeGreaterThan(seen.findIndex((note) => note.includes('+')))
    expect(seen.indexOf('d')).toBeGreaterThan(seen.indexOf('a'))
    await next.unsubscribe()
  })
})
