import { START, streamNameFilter } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'

import { EventStoreDBNode } from '../node.ts'
import { detailOf, path, requestsTo, type Requests } from './http-requests.ts'
import { newStream, noted, notesIn, startServer, take, until, type Server } from './server.ts'

let server: Server
let request: Requests
beforeAll(async () => {
  server = await startServer()
  request = requestsTo(server)
})
afterAll(() => server.stop())

/** Whatever it is. */
const aNumber: unknown = expect.any(Number)
const aYesOrNo: unknown = expect.any(Boolean)
const aVersion: unknown = expect.stringMatching(/^\d+\.\d+\.\d+/u)

const jsonOf = async (url: string): Promise<unknown> => {
  const response = await request('GET', url)
  expect([response.status, response.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/json/u),
  ])
  return response.json()
}

describe('a node says', () => {
  it('what it is', async () => {
    expect(await jsonOf('/info')).toMatchObject({
      esVersion: aVersion,
      state: 'leader',
      features: { projections: aYesOrNo, userManagement: aYesOrNo, atomPub: true },
      authentication: { type: 'insecure', properties: {} },
    })
  })

  it('that it is there', async () => {
    expect(await jsonOf('/ping')).toMatchObject({ text: 'Ping request successfully handled' })
    const live = await request('GET', '/health/live')
    expect([live.status, await live.text()]).toEqual([204, ''])
  })

  it('who is in its cluster, and where', async () => {
    const { host } = new URL(server.url)
    const gossip = await jsonOf('/gossip')
    expect(gossip).toMatchObject({ members: [{ state: 'Leader', isAlive: true }] })
    const { members } = z
      .object({ members: z.array(z.object({ httpEndPointIp: z.string(), httpEndPointPort: z.number() })) })
      .parse(gossip)
    expect(
      members.map(({ httpEndPointIp, httpEndPointPort }) => `${httpEndPointIp}:${httpEndPointPort}`),
    ).toEqual([host])
  })

  it('how it is', async () => {
    expect(await jsonOf('/stats')).toMatchObject({
      proc: { id: aNumber, mem: aNumber },
    })
    expect(await jsonOf('/stats/tcp')).toEqual([])
    expect(await jsonOf('/stats/replication')).toEqual([])
  })

  it('what it does not know', async () => {
    const response = await request('GET', '/nothing/here')
    expect([response.status, await response.text()]).toEqual([404, 'Not Found'])
  })
})

describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('only this node', () => {
  it('says how it was started', async () => {
    expect(await jsonOf('/info/options')).toContainEqual(
      expect.objectContaining({ name: 'MemDb', value: 'True' }),
    )
  })

  it('says which parts it has', async () => {
    for (const projections of [true, false]) {
      const node = await EventStoreDBNode.start({ projections })
      const own = requestsTo({ url: node.connectionString })
      expect(await (await own('GET', '/sys/subsystems')).json()).toEqual(projections ? ['Projections'] : [])
      expect(await (await own('GET', '/info')).json()).toMatchObject({ features: { projections } })
      await node.stop()
    }
  })

  it('gives its figures side by side as well', async () => {
    expect(await jsonOf('/stats?group=false')).toMatchObject({
      'proc-mem': aNumber,
      'es-writer-eventsWritten': aNumber,
    })
  })

  it.each([
    ['DELETE', '/info', 405, 'GET, HEAD, OPTIONS'],
    ['PUT', '/streams/a', 405, 'GET, POST, DELETE, HEAD, OPTIONS'],
    ['PATCH', '/streams/a', 405, 'GET, POST, DELETE, HEAD, OPTIONS'],
    ['OPTIONS', '/streams/a/0', 204, 'GET, HEAD, OPTIONS'],
  ])('answers %s %s with %s and what is allowed', async (method, url, status, allow) => {
    const response = await request(method, url)
    expect([response.status, response.headers.get('allow')]).toEqual([status, allow])
  })

  it('answers HEAD as GET, but for the body', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, noted('a'))
    const [get, head] = [await request('GET', path(stream)), await request('HEAD', path(stream))]
    expect([head.status, await head.text()]).toEqual([200, ''])
    for (const name of ['etag', 'content-type', 'content-length', 'cache-control', 'vary']) {
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)])
    }
    expect((await request('HEAD', path(newStream()))).status).toBe(404)
  })

  it('says in words what is wrong with a path', async () => {
    const badly = await request('GET', '/streams/%zz')
    expect([badly.status, await detailOf(badly)]).toEqual([400, expect.stringContaining('encoded')])
  })

  it('gives links by which its clients reach it, through proxies too', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, noted('a'))
    const selfFor = async (headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const response = await request('GET', path(stream), { headers })
      return z.object({ selfUrl: z.string() }).parse(await response.json()).selfUrl
    }
    const { host } = new URL(server.url)
    expect(await selfFor({})).toBe(`http://${host}${path(stream)}`)
    const proxied = {
      'x-forwarded-host': 'events.example',
      'x-forwarded-proto': 'https',
      'x-forwarded-prefix': '/store',
    }
    expect(await selfFor(proxied)).toBe(`https://events.example/store${path(stream)}`)
    const nonsense = {
      'x-forwarded-host': 'a"><b',
      'x-forwarded-prefix': '//elsewhere',
      'x-forwarded-proto': 'x',
    }
    expect(await selfFor(nonsense)).toBe(`http://${host}${path(stream)}`)
  })

  it('is not ready for long before it stops, and lets those who wait go', async () => {
    const node = await EventStoreDBNode.start()
    const own = requestsTo({ url: node.connectionString })
    const waiting = own('GET', '/streams/nobody/0/forward/20', { headers: { 'es-longpoll': '60' } })
    const failed = waiting.then(
      () => 'answered',
      () => 'ended',
    )
    expect((await own('GET', '/health/live')).status).toBe(204)
    await node.stop()
    expect(await failed).toBe('ended')
  })
})

describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('the metrics of this node', () => {
  const metrics = async (): Promise<ReadonlyMap<string, number>> => {
    const response = await request('GET', '/metrics')
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/u)
    const lines = (await response.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    return new Map(
      lines.map((line): [string, number] => {
        const space = line.lastIndexOf(' ')
        return [line.slice(0, space), Number(line.slice(space + 1))]
      }),
    )
  }
  const valueOf = async (name: string): Promise<number> => (await metrics()).get(name) ?? Number.NaN

  it('count what is written, in events, bytes and commits', async () => {
    const written = 'eventstore_io_events{activity="written"}'
    const bytes = 'eventstore_io_bytes{activity="written"}'
    const commits = 'eventstore_commits'
    const before = await metrics()
    const data = 'x'.repeat(10_000)
    await server.client.appendToStream(newStream(), [noted(data), noted(data), noted(data)])
    const after = await metrics()
    const grown = (name: string): number => (after.get(name) ?? Number.NaN) - (before.get(name) ?? Number.NaN)
    expect(grown(written)).toBeGreaterThanOrEqual(3)
    expect(grown(bytes)).toBeGreaterThan(30_000)
    expect(grown(commits)).toBeGreaterThanOrEqual(1)
    expect(grown('eventstore_commit_duration_seconds_count')).toBe(grown(commits))
    expect(after.get('eventstore_commit_duration_seconds_bucket{le="+Inf"}')).toBe(
      after.get('eventstore_commit_duration_seconds_count'),
    )
  })

  it('count what is read', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, ['a', 'b', 'c', 'd'].map(noted))
    const read = 'eventstore_io_events{activity="read"}'
    const before = await valueOf(read)
    await notesIn(server.client, stream)
    expect((await valueOf(read)) - before).toBeGreaterThanOrEqual(4)
  })

  it('know the calls, subscriptions and connections of now', async () => {
    expect(await valueOf('eventstore_connections')).toBeGreaterThanOrEqual(1)
    const subscriptions = 'eventstore_current_subscriptions'
    const calls = 'eventstore_grpc_method_calls{method="/event_store.client.streams.Streams/Read"}'
    const [before, callsBefore] = [await valueOf(subscriptions), await valueOf(calls)]
    const stream = newStream()
    const filter = streamNameFilter({ prefixes: [stream] })
    const subscription = server.client.subscribeToAll({ fromPosition: START, filter })
    const taken = take(subscription, 1)
    await until(async () => (await valueOf(subscriptions)) === before + 1, 'the subscription counts')
    await server.client.appendToStream(stream, noted('a'))
    await taken
    await until(async () => (await valueOf(subscriptions)) === before, 'it does not any more')
    expect((await valueOf(calls)) - (Number.isNaN(callsBefore) ? 0 : callsBefore)).toBe(1)
  })

  it('are only its own', async () => {
    const node = await EventStoreDBNode.start()
    const before = await valueOf('eventstore_io_events{activity="written"}')
    const own = requestsTo({ url: node.connectionString })
    const body = await (await own('GET', '/metrics')).text()
    expect(body).not.toContain(`eventstore_io_events{activity="written"} ${before}\n`)
    await node.stop()
  })
})
