import {
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { consume, gather, newScene } from './consuming.ts'
import { newStream, noted, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

describe('an update', () => {
  it('drops the clients, and keeps the filter', async () => {
    const { group, filter, category } = newScene()
    await client.createPersistentSubscriptionToAll(group, allSettings({ startFrom: START }), { filter })
    const consumer = client.subscribeToPersistentSubscriptionToAll(group)
    const dropped = new Promise((resolve) => consumer.once('error', resolve))
    await gather(consumer)
    await client.updatePersistentSubscriptionToAll(group, allSettings({ startFrom: START }))
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    await client.appendToStream(newStream(), noted('other'))
    await client.appendToStream(`${category}-1`, noted('a'))
    const next = client.subscribeToPersistentSubscriptionToAll(group)
    expect(await consume(next, 1)).toEqual(['a'])
    await next.unsubscribe()
  })
})

describe('deleting', () => {
  it('drops the clients of that group, and of no other', async () => {
    const stream = newStream()
    for (const group of ['g', 'h']) {
      await client.createPersistentSubscriptionToStream(stream, group, streamSettings())
    }
    const [leaving, staying] = ['g', 'h'].map((group) =>
      client.subscribeToPersistentSubscriptionToStream(stream, group),
    )
    if (leaving === undefined || staying === undefined) throw new Error('two')
    const dropped = new Promise((resolve) => leaving.once('error', resolve))
    const [, others] = await Promise.all([gather(leaving), gather(staying)])
    await client.deletePersistentSubscriptionToStream(stream, 'g')
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    await client.appendToStream(stream, noted('a'))
    await until(() => others.seen.length === 1, 'the other group goes on')
    await staying.unsubscribe()
  })

  it('leaves room for a new group of that name', async () => {
    const stream = newStream()
    await client.appendToStream(stream, ['a', 'b'].map(noted))
    const settings = streamSettings({ startFrom: START, checkPointUpperBound: 1 })
    for (let round = 0; round < 2; round += 1) {
      await client.createPersistentSubscriptionToStream(stream, 'g', settings)
      const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
      expect(await consume(consumer, 2)).toEqual(['a', 'b'])
      await consumer.unsubscribe()
      await client.deletePersistentSubscriptionToStream(stream, 'g')
    }
  })
})

describe('lists', () => {
  it('have the groups of one source, or all', async () => {
    const stream = newStream()
    for (const group of ['g', 'h']) {
      await client.createPersistentSubscriptionToStream(stream, group, streamSettings())
    }
    const ofStream = await client.listPersistentSubscriptionsToStream(stream)
    expect(ofStream.map(({ groupName }) => groupName).toSorted()).toEqual(['g', 'h'])
    const { group } = newScene()
    await client.createPersistentSubscriptionToAll(group, allSettings())
    const ofAll = await client.listPersistentSubscriptionsToAll()
    expect(ofAll.map(({ groupName }) => groupName)).toContain(group)
    expect(new Set(ofAll.map(({ eventSource }) => eventSource))).toEqual(new Set(['$all']))
    const all = await client.listAllPersistentSubscriptions()
    expect(all.filter(({ eventSource }) => eventSource === stream)).toHaveLength(2)
    expect(all.map(({ groupName }) => groupName)).toContain(group)
  })

  it('are empty for a source that has lost its last group, and missing for one that never had any', async () => {
    const stream = newStream()
    await expect(client.listPersistentSubscriptionsToStream(stream)).rejects.toMatchObject({
      type: 'persistent-subscription-does-not-exist',
      streamName: stream,
      groupName: '',
    })
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings())
    await client.deletePersistentSubscriptionToStream(stream, 'g')
    expect(await client.listPersistentSubscriptionsToStream(stream)).toEqual([])
  })
})
