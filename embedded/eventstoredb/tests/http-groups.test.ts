import {
  END,
  EventStoreDBClient,
  persistentSubscriptionToAllSettingsFromDefaults as allSettings,
  persistentSubscriptionToStreamSettingsFromDefaults as settings,
  START,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { consume } from './consuming.ts'
import { detailOf, feedIn, linkOf, numbersOf, requestsTo, type Requests } from './http-requests.ts'
import { newStream, noted, range, startServer, until, type Server } from './server.ts'

/** The official client as it treats a server that has no words for groups in gRPC: all over HTTP. */
class ClientOverHttp extends EventStoreDBClient {
  protected override supports = (): Promise<boolean> => Promise.resolve(false)
}

let server: Server
let request: Requests
let overHttp: ClientOverHttp
beforeAll(async () => {
  server = await startServer()
  request = requestsTo(server)
  const { hostname, port } = new URL(server.url)
  overHttp = new ClientOverHttp({ endpoint: { address: hostname, port: Number(port) } }, { insecure: true })
})
afterAll(async () => {
  void overHttp.dispose()
  await server.stop()
})

const at = (stream: string, group: string): string =>
  `/subscriptions/${encodeURIComponent(stream)}/${encodeURIComponent(group)}`

const put = (stream: string, group: string, body: unknown, method = 'PUT'): Promise<Response> =>
  request(method, at(stream, group), {
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

const statusOf = async (method: string, url: string): Promise<number> => (await request(method, url)).status

/** Has a group park the first events of its stream. */
async function park(stream: string, group: string, count: number): Promise<void> {
  await server.client.appendToStream(stream, range(0, count).map(String).map(noted))
  await server.client.createPersistentSubscriptionToStream(stream, group, settings({ startFrom: START }))
  const consumer = server.client.subscribeToPersistentSubscriptionToStream(stream, group)
  await consume(consumer, count, () => 'park')
  await until(async () => {
    const { stats } = await server.client.getPersistentSubscriptionToStreamInfo(stream, group)
    return stats.parkedMessageCount === BigInt(count)
  }, 'all are parked')
  await leave(consumer, stream, group)
}

/** Ends a consumer, so that nothing is sent to it any more. */
async function leave(consumer: PersistentSubscriptionToStream, stream: string, group: string): Promise<void> {
  await consumer.unsubscribe()
  await until(async () => {
    const { connections } = await server.client.getPersistentSubscriptionToStreamInfo(stream, group)
    return connections.length === 0
  }, 'the consumer has left')
}

describe('the official client, over HTTP', () => {
  it('sees a group as it does over gRPC', async () => {
    const stream = newStream('a/b ü')
    await server.client.appendToStream(stream, ['a', 'b'].map(noted))
    const made = settings({ startFrom: 1n, resolveLinkTos: true, maxSubscriberCount: 3, messageTimeout: 7 })
    await server.client.createPersistentSubscriptionToStream(stream, 'g 1', made)
    const consumer = server.client.subscribeToPersistentSubscriptionToStream(stream, 'g 1')
    await consume(consumer, 1)
    await until(async () => {
      const { stats } = await server.client.getPersistentSubscriptionToStreamInfo(stream, 'g 1')
      return stats.totalInFlightMessages === 0
    }, 'the event is acknowledged')
    const seen = await overHttp.getPersistentSubscriptionToStreamInfo(stream, 'g 1')
    const known = await server.client.getPersistentSubscriptionToStreamInfo(stream, 'g 1')
    // Rates are measured once a second, and so may differ by the time of asking.
    const rates = { averagePerSecond: 0, countSinceLastMeasurement: 0n }
    const still = ({ stats, connections, ...info }: typeof seen) => ({
      ...info,
      stats: { ...stats, ...rates },
      connections: connections.map((connection) => ({
        ...connection,
        averageItemsPerSecond: 0,
        countSinceLastMeasurement: 0n,
      })),
    })
    expect(still(seen)).toEqual(still(known))
    expect(seen.settings).toEqual(made)
    await consumer.unsubscribe()
  })

  it('sees where a group begins', async () => {
    const stream = newStream()
    for (const startFrom of [START, END] as const) {
      await server.client.createPersistentSubscriptionToStream(stream, startFrom, settings({ startFrom }))
      const info = await overHttp.getPersistentSubscriptionToStreamInfo(stream, startFrom)
      expect(info.settings.startFrom).toBe(startFrom)
    }
  })

  it('lists the groups of a stream, and all', async () => {
    const stream = newStream()
    for (const group of ['one', 'two']) {
      await server.client.createPersistentSubscriptionToStream(stream, group, settings())
    }
    const namesOf = (infos: readonly { readonly groupName: string }[]): string[] =>
      infos.map(({ groupName }) => groupName)
    const ofStream = namesOf(await overHttp.listPersistentSubscriptionsToStream(stream))
    expect(ofStream.toSorted()).toEqual(['one', 'two'])
    const all = await overHttp.listAllPersistentSubscriptions()
    expect(namesOf(all.filter(({ eventSource }) => eventSource === stream)).toSorted()).toEqual([
      'one',
      'two',
    ])
  })

  it('has parked messages replayed, up to a number', async () => {
    const stream = newStream()
    await park(stream, 'g', 3)
    const consumer = server.client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    await overHttp.replayParkedMessagesToStream(stream, 'g', { stopAt: 2 })
    expect(await consume(consumer, 2)).toEqual(['0', '1'])
    await leave(consumer, stream, 'g')
    await overHttp.replayParkedMessagesToStream(stream, 'g')
    const again = server.client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    expect(await consume(again, 1)).toEqual(['2'])
    await again.unsubscribe()
  })

  it('is told that there is no such group', async () => {
    const stream = newStream()
    const unknown = { type: 'persistent-subscription-does-not-exist' }
    await expect(overHttp.getPersistentSubscriptionToStreamInfo(stream, 'g')).rejects.toMatchObject(unknown)
    await expect(overHttp.replayParkedMessagesToStream(stream, 'g')).rejects.toMatchObject(unknown)
    await expect(overHttp.listPersistentSubscriptionsToStream(stream)).rejects.toMatchObject(unknown)
  })
})

describe('a group', () => {
  it('is created with what the request says, and the defaults of HTTP', async () => {
    const stream = newStream()
    const created = await put(stream, 'g', {
      startFrom: 5,
      ResolveLinkTos: true,
      namedConsumerStrategy: 'Pinned',
    })
    expect([created.status, created.headers.get('location')?.endsWith(at(stream, 'g'))]).toEqual([201, true])
    const info = await server.client.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(info.settings).toMatchObject({
      startFrom: 5n,
      resolveLinkTos: true,
      consumerStrategyName: 'Pinned',
      messageTimeout: 10_000,
      checkPointAfter: 1000,
      checkPointLowerBound: 10,
      checkPointUpperBound: 500,
      maxSubscriberCount: 10,
    })
  })

  it('begins where the request says: at either end, or in between', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, ['a', 'b'].map(noted))
    for (const startFrom of [0, -1, 1])
      expect((await put(stream, `g${startFrom}`, { startFrom })).status).toBe(201)
    await server.client.appendToStream(stream, noted('c'))
    for (const [group, notes] of [
      ['g0', ['a', 'b', 'c']],
      ['g-1', ['c']],
      ['g1', ['b', 'c']],
    ] as const) {
      const consumer = server.client.subscribeToPersistentSubscriptionToStream(stream, group)
      expect(await consume(consumer, notes.length)).toEqual(notes)
      await consumer.unsubscribe()
    }
  })

  it('is created once, then updated, then deleted', async () => {
    const stream = newStream()
    expect((await put(stream, 'g', {}, 'POST')).status).toBe(404)
    expect((await put(stream, 'g', {})).status).toBe(201)
    expect((await put(stream, 'g', {})).status).toBe(409)
    expect((await put(stream, 'g', { maxRetryCount: 3 }, 'POST')).status).toBe(200)
    const info = await server.client.getPersistentSubscriptionToStreamInfo(stream, 'g')
    expect(info.settings.maxRetryCount).toBe(3)
    expect(await statusOf('DELETE', at(stream, 'g'))).toBe(200)
    expect(await statusOf('DELETE', at(stream, 'g'))).toBe(404)
    expect(await statusOf('GET', `${at(stream, 'g')}/info`)).toBe(404)
  })

  it('shows what it has parked, and why, page by page', async () => {
    const stream = newStream()
    await park(stream, 'g', 3)
    const view = `/subscriptions/viewparkedmessages/${stream}/g`
    const feed = await feedIn(await request('GET', `${view}/head/backward/2?embed=tryharder`))
    expect(feed.entries).toMatchObject([
      { title: `2@${stream}`, eventType: 'Noted', positionEventNumber: 2 },
      { title: `1@${stream}`, eventType: 'Noted', positionEventNumber: 1 },
    ])
    const reasons = feed.entries.map(({ linkMetaData }) => {
      const json = z.string().parse(linkMetaData)
      return z.object({ reason: z.string() }).parse(JSON.parse(json)).reason
    })
    expect(reasons[0]).toMatch(/^Client explicitly NAK'ed message/u)
    const next = await request('GET', linkOf(feed, 'next') ?? '')
    expect(numbersOf(await feedIn(next))).toEqual([0])
  })
})

describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('only this node', () => {
  it.each([
    ['settings that are none', '[]', /object/u],
    ['what is no JSON', 'maxRetryCount: 3', /not JSON/u],
    ['a number in words', '{"maxRetryCount":"three"}', /maxretrycount/u],
    ['a negative number', '{"maxRetryCount":-1}', /negative/u],
    ['a strategy that is unknown', '{"namedConsumerStrategy":"Random"}', /Random/u],
    ['a page larger than the buffer', '{"readBatchSize":100,"bufferSize":10}', /batch size/u],
  ])('refuses %s in plain words', async (_, body, words) => {
    const stream = newStream()
    const response = await put(stream, 'g', body)
    expect([response.status, await detailOf(response)]).toEqual([400, expect.stringMatching(words)])
    expect(await statusOf('GET', `${at(stream, 'g')}/info`)).toBe(404)
  })

  it('creates groups on $all over gRPC alone, but shows them all the same', async () => {
    expect((await put('$all', 'h', {})).status).toBe(400)
    await server.client.createPersistentSubscriptionToAll('h', allSettings({ startFrom: START }))
    const info: unknown = await (await request('GET', `${at('$all', 'h')}/info`)).json()
    expect(info).toMatchObject({ eventStreamId: '$all', config: { startFrom: 'C:0/P:0' } })
  })

  it('refuses to replay up to what is no number', async () => {
    const stream = newStream()
    await put(stream, 'g', {})
    const replay = (stopAt: string) => statusOf('POST', `${at(stream, 'g')}/replayParked?stopAt=${stopAt}`)
    expect([await replay('-1'), await replay('all'), await replay('5')]).toEqual([400, 400, 200])
  })

  it('has nothing parked to show of a group that parked nothing, and no page of no group', async () => {
    const stream = newStream()
    await put(stream, 'g', {})
    const view = `/subscriptions/viewparkedmessages/${stream}`
    expect((await feedIn(await request('GET', `${view}/g`))).entries).toEqual([])
    expect(await statusOf('GET', `${view}/nobody`)).toBe(404)
  })

  it('starts all groups anew', async () => {
    const stream = newStream()
    await put(stream, 'g', {})
    const consumer = server.client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    const dropped = new Promise((resolve) => consumer.once('error', resolve))
    consumer.resume()
    await new Promise((resolve) => consumer.once('confirmation', resolve))
    await overHttp.restartPersistentSubscriptionSubsystem()
    expect(await dropped).toMatchObject({ type: 'persistent-subscription-dropped' })
    expect(await statusOf('GET', `${at(stream, 'g')}/info`)).toBe(200)
  })
})
