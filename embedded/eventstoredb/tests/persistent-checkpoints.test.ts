import {
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as streamSettings,
  START,
  streamNameFilter,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { checkpointStreamOf, consume, gather, newScene } from './consuming.ts'
import { exists, newStream, noted, range, startServer, until, type Server } from './server.ts'

let server: Server
let client: EventStoreDBClient
beforeAll(async () => {
  server = await startServer()
  client = server.client
})
afterAll(() => server.stop())

type Settings = Parameters<typeof streamSettings>[0]

/** Only what a test says brings a checkpoint about. */
const never = {
  startFrom: START,
  checkPointAfter: 0,
  checkPointLowerBound: 1,
  checkPointUpperBound: 1000,
} as const

async function groupOn(notes: readonly string[], settings: Settings): Promise<string> {
  const stream = newStream()
  await client.appendToStream(stream, notes.map(noted))
  await client.createPersistentSubscriptionToStream(stream, 'g', streamSettings({ ...never, ...settings }))
  return stream
}

const checkpointOf = async (stream: string): Promise<bigint | undefined> =>
  (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats.lastCheckpointedEventRevision

const untilCheckpoint = (stream: string, revision: bigint): Promise<void> =>
  until(async () => (await checkpointOf(stream)) === revision, `the checkpoint is ${revision}`)

async function storedIn(stream: string, group = 'g'): Promise<unknown[]> {
  const stored: unknown[] = []
  for await (const { event } of client.readStream(checkpointStreamOf(stream, group))) {
    stored.push([event?.type, event?.isJson, event?.data])
  }
  return stored
}

describe('a checkpoint', () => {
  it('is written when enough is acknowledged, and says how far all is', async () => {
    const stream = await groupOn(['a', 'b', 'c', 'd', 'e'], { checkPointUpperBound: 5 })
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen, deliveries } = await gather(consumer, () => 'none')
    await until(() => seen.length === 5, 'all have come')
    await consumer.ack(...deliveries.slice(0, 4))
    await until(
      async () =>
        (await client.getPersistentSubscriptionToStreamInfo(stream, 'g')).stats.totalInFlightMessages === 1,
      'four are acknowledged',
    )
    expect(await checkpointOf(stream)).toBeUndefined()
    await consumer.ack(...deliveries.slice(4))
    await untilCheckpoint(stream, 4n)
    expect(await storedIn(stream)).toEqual([['$SubscriptionCheckpoint', true, '4']])
    await consumer.unsubscribe()
  })

  it('goes no further than the first event that is not done', async () => {
    const stream = await groupOn(['a', 'b', 'c', 'd', 'e'], { checkPointUpperBound: 2 })
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { deliveries } = await gather(consumer, (note) => (note === 'c' ? 'none' : 'ack'))
    await untilCheckpoint(stream, 1n)
    await until(() => deliveries.length === 5, 'all have come')
    expect(await checkpointOf(stream)).toBe(1n)
    const third = deliveries[2]
    if (third !== undefined) await consumer.ack(third)
    await untilCheckpoint(stream, 4n)
    await consumer.unsubscribe()
  })

  it('is written with every event where the upper bound is zero or one', async () => {
    for (const checkPointUpperBound of [0, 1]) {
      const stream = await groupOn(['a'], { checkPointUpperBound })
      const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
      await gather(consumer)
      await untilCheckpoint(stream, 0n)
      await client.appendToStream(stream, noted('b'))
      await untilCheckpoint(stream, 1n)
      await consumer.unsubscribe()
    }
  })

  it('is written after some time if at least the lower bound is done', async () => {
    const enough = await groupOn(['a', 'b', 'c'], { checkPointAfter: 100, checkPointLowerBound: 3 })
    const tooLittle = await groupOn(['a', 'b'], { checkPointAfter: 100, checkPointLowerBound: 3 })
    const consumers = [enough, tooLittle].map((stream) =>
      client.subscribeToPersistentSubscriptionToStream(stream, 'g'),
    )
    await Promise.all(consumers.map((consumer) => gather(consumer)))
    await untilCheckpoint(enough, 2n)
    expect(await checkpointOf(tooLittle)).toBeUndefined()
    for (const consumer of consumers) await consumer.unsubscribe()
  })

  it('is never written for time alone where the time is zero', async () => {
    const untimed = await groupOn(['a', 'b'], { checkPointAfter: 0, checkPointLowerBound: 1 })
    const timed = await groupOn(['a', 'b'], { checkPointAfter: 1, checkPointLowerBound: 1 })
    const consumers = [untimed, timed].map((stream) =>
      client.subscribeToPersistentSubscriptionToStream(stream, 'g'),
    )
    await Promise.all(consumers.map((consumer) => gather(consumer)))
    await untilCheckpoint(timed, 1n)
    expect(await checkpointOf(untimed)).toBeUndefined()
    for (const consumer of consumers) await consumer.unsubscribe()
  })

  it('counts what is parked as done', async () => {
    const stream = await groupOn(['a', 'b'], { checkPointUpperBound: 2 })
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    await gather(consumer, () => 'park')
    await untilCheckpoint(stream, 1n)
    await consumer.unsubscribe()
  })
})

describe('a checkpoint of a group on $all', () => {
  it('is a position', async () => {
    const { group, filter, category } = newScene()
    const settings = allSettings({ ...never, checkPointUpperBound: 1 })
    await client.createPersistentSubscriptionToAll(group, settings, { filter })
    const consumer = client.subscribeToPersistentSubscriptionToAll(group)
    await gather(consumer)
    const { position } = await client.appendToStream(`${category}-1`, noted('a'))
    await until(
      async () =>
        ((await client.getPersistentSubscriptionToAllInfo(group)).stats.lastCheckpointedEventPosition
          ?.commit ?? 0n) >= (position?.commit ?? 0n),
      'there is a checkpoint at the event or after it',
    )
    const [stored] = (await storedIn('$all', group)).slice(-1)
    expect(stored).toEqual([
      '$SubscriptionCheckpoint',
      true,
      expect.stringMatching(/^C:(?<commit>\d+)\/P:\k<commit>$/u),
    ])
    await consumer.unsubscribe()
  })

  it('is moved on by events that the filter leaves out', async () => {
    const { group } = newScene()
    const filter = streamNameFilter({ prefixes: [newStream('nothing')] })
    await client.createPersistentSubscriptionToAll(
      group,
      allSettings({ ...never, checkPointUpperBound: 50 }),
      { filter },
    )
    const { position } = await client.appendToStream(newStream(), range(0, 60).map(String).map(noted))
    await until(
      async () =>
        (await client.getPersistentSubscriptionToAllInfo(group)).stats.lastCheckpointedEventPosition !==
        undefined,
      'there is a checkpoint',
    )
    expect(position).toBeDefined()
  })
})

describe('a group goes on after its checkpoint', () => {
  it('when it is updated; what was acknowledged later comes again, as if for the first time', async () => {
    const stream = await groupOn(['a', 'b', 'c', 'd'], { checkPointUpperBound: 2 })
    const first = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const { seen } = await gather(first, (note) => (note === 'd' ? 'none' : 'ack'))
    const dropped = new Promise((resolve) => first.once('error', resolve))
    await until(() => seen.length === 4, 'all have come')
    await untilCheckpoint(stream, 1n)
    await client.updatePersistentSubscriptionToStream(stream, 'g', streamSettings(never))
    await dropped
    expect(await checkpointOf(stream)).toBe(1n)
    const second = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(second, 2)).toEqual(['c', 'd'])
    await second.unsubscribe()
  })

  it('wherever it is set to start', async () => {
    const stream = await groupOn(['a', 'b'], { checkPointUpperBound: 1 })
    const first = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(first, 2)).toEqual(['a', 'b'])
    await untilCheckpoint(stream, 1n)
    await first.unsubscribe()
    await client.appendToStream(stream, noted('c'))
    await client.updatePersistentSubscriptionToStream(stream, 'g', streamSettings({ startFrom: START }))
    const second = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(second, 1)).toEqual(['c'])
    await second.unsubscribe()
  })
})

describe('deleting a group', () => {
  it('deletes its checkpoint and what it has parked', async () => {
    const stream = await groupOn(['a', 'b'], { checkPointUpperBound: 1 })
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    consumer.once('error', () => undefined)
    await gather(consumer, () => 'park')
    await untilCheckpoint(stream, 1n)
    const own = [checkpointStreamOf(stream, 'g'), `$persistentsubscription-${stream}::g-parked`]
    for (const name of own) expect(await exists(client, name)).toBe(true)
    await client.deletePersistentSubscriptionToStream(stream, 'g')
    await until(async () => {
      const left = await Promise.all(own.map((name) => exists(client, name)))
      return !left.includes(true)
    }, 'both are gone')
  })
})
