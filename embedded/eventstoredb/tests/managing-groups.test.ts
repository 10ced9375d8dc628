import {
  DISPATCH_TO_SINGLE,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  PINNED,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { consume, newScene } from './consuming.ts'
import { newStream, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

describe('managing groups', () => {
  it('keeps all settings', async () => {
    const { group, filter } = newScene()
    const settings = allSettings({
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
    })
    await client.createPersistentSubscriptionToAll(group, settings, { filter })
    expect((await client.getPersistentSubscriptionToAllInfo(group)).settings).toEqual(settings)
    const changed = { ...settings, maxRetryCount: 9, consumerStrategyName: DISPATCH_TO_SINGLE }
    await client.updatePersistentSubscriptionToAll(group, changed)
    expect((await client.getPersistentSubscriptionToAllInfo(group)).settings).toEqual(changed)
  })

  it('tells what is wrong', async () => {
    const { group } = newScene()
    const missing = { type: 'persistent-subscription-does-not-exist', streamName: '$all', groupName: group }
    await expect(client.getPersistentSubscriptionToAllInfo(group)).rejects.toMatchObject(missing)
    await expect(client.updatePersistentSubscriptionToAll(group, allSettings())).rejects.toMatchObject(
      missing,
    )
    await expect(client.deletePersistentSubscriptionToAll(group)).rejects.toMatchObject(missing)
    await expect(client.replayParkedMessagesToAll(group)).rejects.toMatchObject(missing)
    await expect(consume(client.subscribeToPersistentSubscriptionToAll(group), 1)).rejects.toMatchObject(
      missing,
    )
    await client.createPersistentSubscriptionToAll(group, allSettings({ maxSubscriberCount: 1 }))
    await expect(client.createPersistentSubscriptionToAll(group, allSettings())).rejects.toMatchObject({
      type: 'persistent-subscription-exists',
    })
    const beyond = allSettings({ startFrom: { commit: 1n << 40n, prepare: 1n << 40n } })
    await expect(client.createPersistentSubscriptionToAll(newScene().group, beyond)).rejects.toMatchObject({
      type: 'persistent-subscription-failed',
    })
  })

  it('lets no more clients in than allowed', async () => {
    const { group } = newScene()
    await client.createPersistentSubscriptionToAll(group, allSettings({ maxSubscriberCount: 1 }))
    const first = client.subscribeToPersistentSubscriptionToAll(group)
    first.resume()
    await new Promise((resolve) => first.once('confirmation', resolve))
    await expect(consume(client.subscribeToPersistentSubscriptionToAll(group), 1)).rejects.toMatchObject({
      type: 'maximum-subscribers-reached',
    })
    await first.unsubscribe()
  })

  it('lists groups, and drops the clients of one that is deleted', async () => {
    const stream = newStream()
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings())
    await client.createPersistentSubscriptionToStream(stream, 'h', streamSettings())
    const groups = async (): Promise<string[]> =>
      (await client.listPersistentSubscriptionsToStream(stream)).map(({ groupName }) => groupName)
    expect((await groups()).toSorted()).toEqual(['g', 'h'])
    const dropped = consume(client.subscribeToPersistentSubscriptionToStream(stream, 'g'), 1)
    const deleted = until(
      async () => (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).connections.length === 1,
      'the client is connected',
    ).then(() => client.deletePersistentSubscriptionToStream(stream, 'g'))
    await expect(dropped).rejects.toMatchObject({ type: 'persistent-subscription-dropped' })
    await deleted
    expect(await groups()).toEqual(['h'])
  })
})
