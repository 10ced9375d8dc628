import {
  DISPATCH_TO_SINGLE,
  END,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  PINNED,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { consume, gather, newScene } from './consuming.ts'
import { createRaw } from './raw-groups.ts'
import { newStream, noted, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

const unlike = {
  startFrom: START,
  resolveLinkTos: true,
  extraStatistics: true,
  messageTimeout: 7000,
  maxRetryCount: 3,
  checkPointAfter: 4000,
  checkPointLowerBound: 5,
  checkPointUpperBound: 50,
  maxSubscriberCount: 2,
  liveBufferSize: 700,
  readBatchSize: 30,
  historyBufferSize: 800,
  consumerStrategyName: PINNED,
} as const

describe('settings', () => {
  it('are kept, and all of them replaced by an update', async () => {
    const { group, filter } = newScene()
    const settings = allSettings(unlike)
    await client.createPersistentSubscriptionToAll(group, settings, { filter })
    expect((await client.getPersistentSubscriptionToAllInfo(group)).settings).toEqual(settings)
    const changed = { ...settings, maxRetryCount: 9, consumerStrategyName: DISPATCH_TO_SINGLE }
    await client.updatePersistentSubscriptionToAll(group, changed)
    expect((await client.getPersistentSubscriptionToAllInfo(group)).settings).toEqual(changed)
  })

  it('of a group on a stream are kept too', async () => {
    const stream = newStream()
    const settings = streamSettings({ ...unlike, startFrom: 7n })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    expect((await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).settings).toEqual(settings)
    const changed = streamSettings({ startFrom: START, messageTimeout: 0, checkPointAfter: 0 })
    await client.updatePersistentSubscriptionToStream(stream, 'g', changed)
    expect((await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).settings).toEqual(changed)
  })

  it('may be zero: timeout, retries, checkpoint time and bounds', async () => {
    const stream = newStream()
    const settings = streamSettings({
      messageTimeout: 0,
      maxRetryCount: 0,
      checkPointAfter: 0,
      checkPointLowerBound: 0,
      checkPointUpperBound: 0,
    })
    await client.createPersistentSubscriptionToStream(stream, 'g', settings)
    expect((await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).settings).toEqual(settings)
  })

  it.each([START, END, 0n, 3n] as const)('of a stream start from %s', async (startFrom) => {
    const stream = newStream()
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom }))
    const { settings } = await client.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(settings.startFrom).toBe(startFrom === 0n ? START : startFrom)
  })

  it('of $all start at either end, or at a position', async () => {
    const { position } = await client.appendToStream(newStream(), noted('a'))
    if (position === undefined) throw new Error('An append has a position.')
    for (const startFrom of [START, END, { commit: 1n, prepare: 1n }, position] as const) {
      const { group } = newScene()
      await client.createPersistentSubscriptionToAll(group, allSettings({ startFrom }))
      const { settings } = await client.getPersistentSubscriptionToAllInfo(group)
      expect(settings.startFrom).toEqual(startFrom)
    }
  })

  it('name any strategy on creation, in words or by number', async () => {
    const stream = newStream()
    const strategyOf = async (group: string): Promise<string> =>
      (await client.getPersistentSubscriptionToStreamInfo(stream, group)).settings.consumerStrategyName
    await createRaw(server.url, { stream, group: 'words' }, (settings) =>
      settings.setNamedConsumerStrategy(1).setConsumerStrategy('PinnedByCorrelation'),
    )
    expect(await strategyOf('words')).toBe('PinnedByCorrelation')
    await createRaw(server.url, { stream, group: 'number' }, (settings) =>
      settings.setNamedConsumerStrategy(2),
    )
    expect(await strategyOf('number')).toBe('Pinned')
  })
})

describe('what can not be', () => {
  const failed = { type: 'persistent-subscription-failed' }

  it('a second group of one name', async () => {
    const stream = newStream()
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings())
    await expect(
      client.createPersistentSubscriptionToStream(stream, 'g', streamSettings()),
    ).rejects.toMatchObject({ type: 'persistent-subscription-exists', streamName: stream, groupName: 'g' })
  })

  it('of two creations at once, more than one', async () => {
    const stream = newStream()
    const results = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        client.createPersistentSubscriptionToStream(stream, 'g', streamSettings()),
      ),
    )
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('a strategy that nobody knows', async () => {
    const name = { stream: newStream(), group: 'g' }
    const reply = await createRaw(server.url, name, (settings) => settings.setConsumerStrategy('Whim'))
    expect(reply.code).toBe(13)
    expect(reply.trailers).toMatchObject({
      exception: 'persistent-subscription-failed',
      'stream-name': name.stream,
      'group-name': 'g',
    })
    expect(reply.trailers['reason']).toMatch(/Whim/u)
    expect(reply.message).toMatch(/^Subscription group g on stream .* failed: '.*Whim.*'$/u)
  })

  it('$all as if it were a stream', async () => {
    await expect(
      client.createPersistentSubscriptionToStream('$all', newScene().group, streamSettings()),
    ).rejects.toMatchObject(failed)
  })

  it('a start beyond the end of the log', async () => {
    for (const commit of [1n << 40n, 1n << 62n]) {
      const beyond = allSettings({ startFrom: { commit, prepare: commit } })
      await expect(client.createPersistentSubscriptionToAll(newScene().group, beyond)).rejects.toMatchObject(
        failed,
      )
    }
  })

  it('a prepare position after the commit position', async () => {
    const settings = allSettings({ startFrom: { commit: 1n, prepare: 2n } })
    await expect(client.createPersistentSubscriptionToAll(newScene().group, settings)).rejects.toMatchObject(
      failed,
    )
  })

  it.each([
    [20, 20],
    [21, 20],
    [0, 20],
  ])('pages of %s in a history buffer of %s', async (readBatchSize, historyBufferSize) => {
    const settings = streamSettings({ readBatchSize, historyBufferSize })
    await expect(
      client.createPersistentSubscriptionToStream(newStream(), 'g', settings),
    ).rejects.toMatchObject(failed)
  })

  it('anything with a group that does not exist', async () => {
    const { group } = newScene()
    const missing = { type: 'persistent-subscription-does-not-exist', streamName: '$all', groupName: group }
    const attempts = [
      client.getPersistentSubscriptionToAllInfo(group),
      client.updatePersistentSubscriptionToAll(group, allSettings()),
      client.deletePersistentSubscriptionToAll(group),
      client.replayParkedMessagesToAll(group),
      consume(client.subscribeToPersistentSubscriptionToAll(group), 1),
    ]
    for (const attempt of attempts) await expect(attempt).rejects.toMatchObject(missing)
  })

  it('more clients than allowed', async () => {
    const { group } = newScene()
    await client.createPersistentSubscriptionToAll(group, allSettings({ maxSubscriberCount: 1 }))
    const first = client.subscribeToPersistentSubscriptionToAll(group)
    await gather(first)
    await expect(consume(client.subscribeToPersistentSubscriptionToAll(group), 1)).rejects.toMatchObject({
      type: 'maximum-subscribers-reached',
    })
    await first.unsubscribe()
    await until(
      async () => (await client.getPersistentSubscriptionToAllInfo(group)).connections.length === 0,
      'the first has left',
    )
    const next = client.subscribeToPersistentSubscriptionToAll(group)
    await gather(next)
    await next.unsubscribe()
  })
})

describe('names that are not ASCII', () => {
  it('are names like others, and are told in errors', async () => {
    const stream = `${newStream()}-größer`
    await client.createPersistentSubscriptionToStream(stream, 'grüße', streamSettings({ startFrom: START }))
    const [info] = await client.listPersistentSubscriptionsToStream(stream)
    expect(info).toMatchObject({ eventSource: stream, groupName: 'grüße' })
    await client.appendToStream(stream, noted('a'))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'grüße')
    expect(await consume(consumer, 1)).toEqual(['a'])
    await consumer.unsubscribe()
    await expect(client.getPersistentSubscriptionToStreamInfo(stream, 'fehlt')).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
    })
  })
})
