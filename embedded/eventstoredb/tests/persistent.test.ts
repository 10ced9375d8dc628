import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import {
  END,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  streamNameFilter,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { consume, newScene, parkedCount, type Scene } from './consuming.ts'
import { connect, newStream, noted, noteOf, range, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

const append = ({ category }: Scene, ...notes: string[]): Promise<unknown> =>
  client.appendToStream(`${category}-1`, notes.map(noted))

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
    const info = await client.getPersistentSubscriptionToAllInfo(scene.group)
    expect(info.settings.startFrom).toEqual(position)
  })

  it('is tried again up to its retry count, then parks with the reason', async () => {
    const scene = newScene()
    const settings = allSettings({ startFrom: START, maxRetryCount: 2 })
    await client.createPersistentSubscriptionToAll(scene.group, settings, scene)
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group)
    await append(scene, 'a', 'b', 'c')
    const seen = await consume(consumer, 5, (note) =>
      note === 'a' ? 'retry' : note === 'b' ? 'park' : 'ack',
    )
    expect(seen.toSorted()).toEqual(['a', 'a+1', 'a+2', 'b', 'c'])
    await until(async () => (await parkedCount(client, scene.group)) === 2, 'two messages are parked')
    const parked: unknown[] = []
    for await (const { event } of client.readStream(`$persistentsubscription-$all::${scene.group}-parked`)) {
      if (event === undefined) continue
      const target = event.data instanceof Uint8Array ? Buffer.from(event.data).toString() : undefined
      parked.push([event.type, target, event.metadata])
    }
    expect(parked).toContainEqual([
      '$>',
      `0@${scene.category}-1`,
      expect.objectContaining({ reason: 'Reached retry count of 2' }),
    ])
    expect(parked).toContainEqual([
      '$>',
      `1@${scene.category}-1`,
      expect.objectContaining({
        reason: "Client explicitly NAK'ed message.\nunheard of",
        subscriptionEventNumber: 1,
      }),
    ])
    await consumer.unsubscribe()
  })

  it('delivers what is parked again when asked to', async () => {
    const scene = newScene()
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: START }), scene)
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group)
    await append(scene, 'a', 'b', 'c')
    await consume(consumer, 3, () => 'park')
    await until(async () => (await parkedCount(client, scene.group)) === 3, 'three messages are parked')
    const again = client.subscribeToPersistentSubscriptionToAll(scene.group)
    await consumer.unsubscribe()
    await client.replayParkedMessagesToAll(scene.group, { stopAt: 2 })
    expect(await consume(again, 2)).toEqual(['a', 'b'])
    await until(async () => (await parkedCount(client, scene.group)) === 1, 'one message is still parked')
    await again.unsubscribe()
  })

  it('tries again what has not been answered in time', async () => {
    const scene = newScene()
    const settings = allSettings({ startFrom: START, messageTimeout: 100 })
    await client.createPersistentSubscriptionToAll(scene.group, settings, scene)
    await append(scene, 'a')
    const consumer = client.subscribeToPersistentSubscriptionToAll(scene.group)
    expect(await consume(consumer, 2, (_, retries) => (retries === 0 ? 'none' : 'ack'))).toEqual(['a', 'a+1'])
    await consumer.unsubscribe()
  })

  it('gives the unanswered messages of a client that leaves to another', async () => {
    const scene = newScene()
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: START }), scene)
    await append(scene, 'a', 'b')
    const leaving = client.subscribeToPersistentSubscriptionToAll(scene.group)
    await consume(leaving, 2, (note) => (note === 'a' ? 'ack' : 'none'))
    await leaving.unsubscribe()
    const staying = client.subscribeToPersistentSubscriptionToAll(scene.group)
    expect(await consume(staying, 1)).toEqual(['b+1'])
    await staying.unsubscribe()
  })

  it('shares its messages among clients, each once', async () => {
    const scene = newScene()
    await client.createPersistentSubscriptionToAll(scene.group, allSettings({ startFrom: START }), scene)
    const consumers = range(0, 3).map(() => client.subscribeToPersistentSubscriptionToAll(scene.group))
    const seen: string[] = []
    for (const consumer of consumers) {
      consumer.on('data', (resolved) => {
        seen.push(noteOf(resolved))
        void consumer.ack(resolved)
      })
    }
    const notes = range(0, 1000).map(String)
    for (const note of notes) await append(scene, note)
    await until(() => seen.length >= notes.length, 'all have come')
    expect(seen.toSorted()).toEqual(notes.toSorted())
    for (const consumer of consumers) await consumer.unsubscribe()
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

describe('a group on a stream', () => {
  it('gets its events, from the revision that it names', async () => {
    const stream = newStream()
    await client.appendToStream(stream, ['a', 'b', 'c'].map(noted))
    await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: 1n }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(consumer, 2)).toEqual(['b', 'c'])
    await consumer.unsubscribe()
  })

  it('resolves links where it is set to', async () => {
    const [stream, links] = [newStream(), newStream('links')]
    await client.appendToStream(stream, noted('a'))
    await client.appendToStream(links, {
      ...jsonEvent({ type: '$>', data: {} }),
      contentType: 'application/octet-stream',
      data: Buffer.from(`0@${stream}`),
    })
    const settings = streamSettings({ startFrom: START, resolveLinkTos: true })
    await client.createPersistentSubscriptionToStream(links, 'g', settings)
    const consumer = client.subscribeToPersistentSubscriptionToStream(links, 'g')
    expect(await consume(consumer, 1)).toEqual(['a'])
    await consumer.unsubscribe()
  })
})

/** Restarts are only ours to make. */
describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('after a restart', () => {
  it('a group goes on after its checkpoint, and what is parked is still there', async () => {
    const db = await mkdtemp(join(tmpdir(), 'eventstoredb-test-'))
    let node = await EventStoreDBNode.start({ db })
    let own = connect(node.connectionString)
    const settings = allSettings({ startFrom: START, checkPointLowerBound: 1, checkPointUpperBound: 2 })
    await own.createPersistentSubscriptionToAll('g', settings, {
      filter: streamNameFilter({ prefixes: ['note-'] }),
    })
    await own.appendToStream('note-1', ['a', 'b', 'c', 'd', 'e', 'f'].map(noted))
    const first = own.subscribeToPersistentSubscriptionToAll('g')
    await consume(first, 6, (note) => (note === 'b' ? 'park' : note === 'e' ? 'none' : 'ack'))
    await until(async () => (await parkedCount(own, 'g')) === 1, 'one message is parked')
    await until(
      async () =>
        (await own.getPersistentSubscriptionToAllInfo('g')).stats.lastCheckpointedEventPosition !== undefined,
      'there is a checkpoint',
    )
    await first.unsubscribe()
    await own.dispose()
    await node.stop()

    node = await EventStoreDBNode.start({ db })
    own = connect(node.connectionString)
    const info = await own.getPersistentSubscriptionToAllInfo('g')
    expect(info.settings).toEqual(settings)
    expect(await parkedCount(own, 'g')).toBe(1)
    const second = own.subscribeToPersistentSubscriptionToAll('g')
    const seen: string[] = []
    second.on('data', (resolved) => {
      seen.push(noteOf(resolved))
      void second.ack(resolved)
    })
    await until(() => seen.includes('f'), 'the rest has come')
    expect(seen).toContain('e')
    expect(seen).not.toContain('a')
    expect(seen).not.toContain('b')
    await second.unsubscribe()
    await own.dispose()
    await node.stop()
    await rm(db, { recursive: true })
  })
})
