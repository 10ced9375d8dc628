import { binaryEvent, jsonEvent } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  atom,
  detailOf,
  events,
  feedIn,
  linkOf,
  notesOf,
  numbersOf,
  path,
  relationsOf,
  requestsTo,
  titlesOf,
  type Feed,
  type Requests,
} from './http-requests.ts'
import { newStream, noted, range, startServer, until, type Server } from './server.ts'

let server: Server
let request: Requests
beforeAll(async () => {
  server = await startServer()
  request = requestsTo(server)
})
afterAll(() => server.stop())

const get = async (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Feed> =>
  feedIn(await request('GET', url, { headers }))

const append = (stream: string, ...notes: string[]): Promise<unknown> =>
  server.client.appendToStream(stream, notes.map(noted))

async function streamOf(count: number): Promise<string> {
  const stream = newStream()
  for (let from = 0; from < count; from += 500) {
    await append(stream, ...range(from, Math.min(500, count - from)).map(String))
  }
  return stream
}

const link = (target: string) => ({
  ...jsonEvent({ type: '$>', data: {} }),
  contentType: 'application/octet-stream' as const,
  data: Buffer.from(target),
})

/** Follows one relation from page to page, as long as there is one and pages have events. */
async function follow(start: Feed, relation: string): Promise<Feed[]> {
  const pages = [start]
  for (let uri = linkOf(start, relation); uri !== undefined;) {
    const page = await get(uri)
    if (page.entries.length === 0) break
    pages.push(page)
    uri = linkOf(page, relation)
  }
  return pages
}

describe('a feed', () => {
  it('begins with the newest twenty events, as a client has appended them', async () => {
    const stream = await streamOf(27)
    const feed = await get(path(stream))
    expect(numbersOf(feed)).toEqual(range(7, 20).toReversed())
    expect(feed).toMatchObject({ title: `Event stream '${stream}'`, streamId: stream, headOfStream: true })
    expect(feed.entries[0]).toMatchObject({ title: `26@${stream}`, summary: 'Noted' })
    expect(new Set(relationsOf(feed))).toEqual(
      new Set(['self', 'first', 'last', 'next', 'previous', 'metadata']),
    )
    expect(linkOf(feed, 'next')).toMatch(/\/6\/backward\/20$/u)
    expect(linkOf(feed, 'previous')).toMatch(/\/27\/forward\/20$/u)
  })

  it('says where it ends, by leaving out the links', async () => {
    const stream = await streamOf(3)
    expect(relationsOf(await get(path(stream)))).toEqual(['self', 'first', 'previous', 'metadata'])
    const oldest = await get(`${path(stream)}/0/forward/2`)
    expect(relationsOf(oldest)).toEqual(['self', 'first', 'previous', 'metadata'])
    const beyond = await get(`${path(stream)}/3/forward/20`)
    expect(beyond.entries).toEqual([])
    expect(relationsOf(beyond)).toEqual(['self', 'first', 'last', 'next', 'metadata'])
    expect(linkOf(beyond, 'next')).toMatch(/\/2\/backward\/20$/u)
  })

  it('leads through a thousand events both ways, by its links alone', async () => {
    const stream = await streamOf(1000)
    const down = await follow(await get(path(stream)), 'next')
    expect(down).toHaveLength(50)
    expect(down.flatMap(numbersOf)).toEqual(range(0, 1000).toReversed())
    const [head] = down
    const last = head === undefined ? undefined : linkOf(head, 'last')
    const up = await follow(await get(last ?? ''), 'previous')
    expect(up.flatMap((page) => numbersOf(page).toReversed())).toEqual(range(0, 1000))
    expect(up.every((page) => !page.headOfStream)).toBe(true)
  })

  it('leads through what truncation has left', async () => {
    const stream = await streamOf(100)
    await server.client.setStreamMetadata(stream, { truncateBefore: 70 })
    const down = await follow(await get(path(stream)), 'next')
    expect(down.flatMap(numbersOf)).toEqual(range(70, 30).toReversed())
    const up = await follow(await get(`${path(stream)}/0/forward/20`), 'previous')
    expect(up.flatMap((page) => numbersOf(page).toReversed())).toEqual(range(70, 30))
  })

  it('is found under whatever name its stream has', async () => {
    for (const name of ['a/b', 'ü ß 日本', '100% #1?', 'a+b&c=d;e', '/', 'metadata', "it's", '%2F']) {
      const stream = `${name}${newStream('/')}`
      await append(stream, 'a')
      const feed = await get(path(stream))
      expect(titlesOf(feed)).toEqual([`0@${stream}`])
      const event = await request('GET', feed.entries[0]?.id ?? '', {
        headers: { accept: 'application/json' },
      })
      expect(await event.json()).toEqual({ note: 'a' })
    }
  })

  it('may be kept for ever where it will not change', async () => {
    const stream = await streamOf(25)
    const cacheOf = async (url: string) => (await request('GET', url)).headers.get('cache-control')
    expect(await cacheOf(path(stream))).toMatch(/no-cache/u)
    expect(await cacheOf(`${path(stream)}/0/forward/20`)).toBe('max-age=31536000, public')
    expect(await cacheOf(`${path(stream)}/20/forward/20`)).toMatch(/no-cache/u)
    expect(await cacheOf(`${path(stream)}/4/backward/20`)).toBe('max-age=31536000, public')
    expect(await cacheOf(`${path(stream)}/0`)).toBe('max-age=31536000, public')
    await server.client.setStreamMetadata(stream, { cacheControl: 10 })
    expect(await cacheOf(path(stream))).toBe('max-age=10, public')
  })

  it('is not sent again to who has it', async () => {
    const stream = await streamOf(1)
    const first = await request('GET', path(stream))
    const eTag = first.headers.get('etag') ?? ''
    expect(eTag).toBe(`"${(await feedIn(first)).eTag}"`)
    const again = await request('GET', path(stream), { headers: { 'if-none-match': eTag } })
    expect(again.status).toBe(304)
    expect(await again.text()).toBe('')
    const headers = { 'if-none-match': eTag }
    expect((await request('GET', `${path(stream)}?embed=body`, { headers })).status).toBe(200)
    await append(stream, 'b')
    expect((await request('GET', path(stream), { headers })).status).toBe(200)
  })

  it('of a stream that is not there, or no longer', async () => {
    const [missing, deleted, gone] = [newStream(), await streamOf(1), await streamOf(1)]
    await server.client.deleteStream(deleted)
    await server.client.tombstoneStream(gone)
    const statusOf = async (url: string): Promise<number> => (await request('GET', url)).status
    for (const at of ['', '/0', '/head', '/head/backward/20', '/0/forward/20']) {
      expect([at, await statusOf(path(missing) + at)]).toEqual([at, 404])
      expect([at, await statusOf(path(deleted) + at)]).toEqual([at, 404])
      expect([at, await statusOf(path(gone) + at)]).toEqual([at, 410])
    }
  })
})

describe('a feed embeds', () => {
  it('nothing, or what is known of an event, or also its data', async () => {
    const stream = newStream()
    const event = jsonEvent({ type: 'Noted', data: { note: 'a' }, metadata: { by: 'me' } })
    await server.client.appendToStream(stream, event)
    const entryWith = async (embed: string) => (await get(`${path(stream)}?embed=${embed}`)).entries[0]
    expect(await entryWith('none')).not.toHaveProperty('eventId')
    expect(await entryWith('rich')).toMatchObject({
      eventId: event.id,
      eventType: 'Noted',
      eventNumber: 0,
      streamId: stream,
      isJson: true,
      positionEventNumber: 0,
      positionStreamId: stream,
    })
    expect(await entryWith('rich')).not.toHaveProperty('data')
    expect(await entryWith('body')).toMatchObject({ data: '{"note":"a"}', metaData: '{"by":"me"}' })
    expect(await entryWith('PrettyBody')).toMatchObject({ data: '{\n  "note": "a"\n}' })
    expect(await entryWith('content')).toMatchObject({
      content: { eventId: event.id, data: { note: 'a' }, metadata: { by: 'me' } },
    })
  })

  it('data that is JSON though it does not say so, for who tries harder', async () => {
    const stream = newStream()
    const bytes = (text: string) => binaryEvent({ type: 'Bytes', data: Buffer.from(text) })
    await server.client.appendToStream(stream, [bytes('{"a":1}'), bytes('no JSON')])
    const { entries } = await get(`${path(stream)}?embed=tryharder`)
    expect(entries.map(({ data, isJson }) => [data, isJson])).toEqual([
      [undefined, false],
      ['{\n  "a": 1\n}', true],
    ])
  })

  it('numbers as they were written, however large', async () => {
    const stream = newStream()
    await append(stream, 'a')
    await server.client.deleteStream(stream)
    const feed = await get(`${path(`$$${stream}`)}?embed=pretty`)
    expect(feed.entries[0]?.data).toBe('{\n  "$tb": 9223372036854775807\n}')
  })

  it('links as the events that they point to, unless it is told not to', async () => {
    const [stream, links] = [await streamOf(2), newStream('links')]
    await server.client.appendToStream(links, [link(`1@${stream}`), link(`5@${stream}`)])
    const resolved = await get(`${path(links)}?embed=body`)
    expect(resolved.entries).toMatchObject([
      { title: `1@${links}`, eventType: '$>', positionEventNumber: 1 },
      { title: `1@${stream}`, eventType: 'Noted', data: '{"note":"1"}', positionEventNumber: 0 },
    ])
    expect(resolved.entries[1]).toMatchObject({ streamId: stream, positionStreamId: links })
    const unresolved = await get(path(links), { 'es-resolvelinktos': 'False' })
    expect(titlesOf(unresolved)).toEqual([`1@${links}`, `0@${links}`])
  })
})

describe('an event', () => {
  it('is its data alone as JSON, and all about it as Atom', async () => {
    const stream = newStream()
    const [first, second] = [noted('a'), noted('b')]
    await server.client.appendToStream(stream, [first, second])
    const json = await request('GET', `${path(stream)}/0`, { headers: { accept: 'application/json' } })
    expect(json.headers.get('content-type')).toMatch(/^application\/json/u)
    expect(await json.text()).toBe('{"note":"a"}')
    const entry: unknown = await (await request('GET', `${path(stream)}/head`)).json()
    expect(entry).toMatchObject({
      title: `1@${stream}`,
      summary: 'Noted',
      content: { eventStreamId: stream, eventNumber: 1, eventId: second.id, data: { note: 'b' } },
      links: [{ relation: 'edit' }, { relation: 'alternate' }],
    })
  })

  it('that is not there is not found', async () => {
    const stream = await streamOf(2)
    expect((await request('GET', `${path(stream)}/2`)).status).toBe(404)
    await server.client.setStreamMetadata(stream, { maxCount: 1 })
    expect((await request('GET', `${path(stream)}/0`)).status).toBe(404)
  })
})

describe('metadata', () => {
  it('is the data of the last event of its stream', async () => {
    const stream = await streamOf(1)
    await server.client.setStreamMetadata(stream, { maxCount: 5, mine: 'kept' })
    const response = await request('GET', `${path(stream)}/metadata`, {
      headers: { accept: 'application/json' },
    })
    expect(await response.json()).toEqual({ $maxCount: 5, mine: 'kept' })
    const entry: unknown = await (await request('GET', `${path(`$$${stream}`)}/head`)).json()
    expect(entry).toMatchObject({ summary: '$metadata', content: { data: { $maxCount: 5 } } })
  })
})

describe('the feed of $all', () => {
  it('leads from the head to the start and back, by its links alone', async () => {
    const stream = await streamOf(60)
    const down = await follow(await get('/streams/$all/head/backward/50'), 'next')
    const backwards = down.flatMap(titlesOf)
    expect(backwards.filter((title) => title.endsWith(stream))).toEqual(
      range(0, 60)
        .map((number) => `${number}@${stream}`)
        .toReversed(),
    )
    const oldest = down.at(-1)
    expect(oldest === undefined ? [] : relationsOf(oldest)).not.toContain('next')
    const up = await follow(
      await get('/streams/%24all/00000000000000000000000000000000/forward/50'),
      'previous',
    )
    const forwards = up.flatMap((page) => titlesOf(page).toReversed())
    expect(forwards.slice(0, backwards.length)).toEqual(backwards.toReversed())
  })

  it('has its newest events at the head, in the short form of the path too', async () => {
    const stream = await streamOf(2)
    const { entries, title } = await get('/streams/$all/head/100?embed=rich')
    expect(title).toBe('All events')
    expect(entries.map(({ streamId }) => streamId)).toContain(stream)
  })
})

describe('a long poll', () => {
  const patient = { 'es-longpoll': '10' }

  it('answers at once where there is something', async () => {
    const stream = await streamOf(1)
    expect(numbersOf(await get(`${path(stream)}/0/forward/20`, patient))).toEqual([0])
  })

  it('waits at the end of a stream, and answers with what comes', async () => {
    const stream = await streamOf(1)
    const polls = range(0, 5).map(() => get(`${path(stream)}/1/forward/20?embed=body`, patient))
    await append(newStream(), 'of no interest')
    await append(stream, 'b')
    for (const poll of polls) expect(notesOf(await poll)).toEqual(['b'])
  })

  it('waits at the head for something other than what the client has', async () => {
    const stream = await streamOf(1)
    const { eTag = '' } = await get(path(stream))
    const poll = request('GET', path(stream), { headers: { ...patient, 'if-none-match': `"${eTag}"` } })
    await append(stream, 'b')
    expect(numbersOf(await feedIn(await poll))).toEqual([1, 0])
  })

  it('waits for the stream itself', async () => {
    const stream = newStream()
    const poll = get(`${path(stream)}/0/forward/20?embed=body`, patient)
    await append(stream, 'a')
    expect(notesOf(await poll)).toEqual(['a'])
  })

  it('waits at the end of $all', async () => {
    const head = await get('/streams/$all')
    const poll = get(linkOf(head, 'previous') ?? '', patient)
    const stream = newStream()
    await append(stream, 'a')
    expect(titlesOf(await poll)).toContain(`0@${stream}`)
  })

  it('ends with nothing when its time is up', async () => {
    const stream = await streamOf(1)
    const asked = performance.now()
    const feed = await get(`${path(stream)}/1/forward/20`, { 'es-longpoll': '1' })
    expect(feed.entries).toEqual([])
    expect(performance.now() - asked).toBeGreaterThan(900)
  })
})

describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('only this node', () => {
  it('shows feeds as plain events, which could be posted again', async () => {
    const stream = await streamOf(2)
    const copy = newStream()
    const read = await request('GET', path(stream), { headers: { accept: events } })
    const body = await read.text()
    expect(JSON.parse(body)).toMatchObject([{ data: { note: '1' } }, { data: { note: '0' } }])
    const posted = await request('POST', path(copy), { headers: { 'content-type': events }, body })
    expect(posted.status).toBe(201)
    expect(notesOf(await get(`${path(copy)}?embed=body`))).toEqual(['0', '1'])
  })

  it('has bytes as bytes, and says that they are no JSON', async () => {
    const stream = newStream()
    const data = Buffer.from([0, 255, 128])
    await server.client.appendToStream(stream, binaryEvent({ type: 'Bytes', data }))
    const accepting = (accept: string) => request('GET', `${path(stream)}/0`, { headers: { accept } })
    const bytes = await accepting('application/octet-stream')
    expect(Buffer.from(await bytes.arrayBuffer())).toEqual(data)
    const json = await accepting('application/json')
    expect([json.status, await detailOf(json)]).toEqual([406, expect.stringContaining("isn't JSON")])
  })

  it('has no metadata to show of a stream that has none', async () => {
    const response = await request('GET', `${path(newStream())}/metadata`)
    expect([response.status, await response.json()]).toEqual([200, {}])
  })

  it('cuts large pages, whose links lead on from there', async () => {
    const stream = await streamOf(1005)
    const feed = await get(`${path(stream)}/0/forward/100000`)
    expect(feed.entries).toHaveLength(1000)
    expect(numbersOf(await get(linkOf(feed, 'previous') ?? ''))).toEqual(range(1000, 5).toReversed())
  })

  it('cuts pages of large events, whose links lead on from there', async () => {
    const stream = newStream()
    const large = 'x'.repeat(1_000_000)
    for (const _ of range(0, 10)) await append(stream, large)
    const down = await follow(await get(path(stream)), 'next')
    expect(down.length).toBeGreaterThan(1)
    expect(down.flatMap(numbersOf)).toEqual(range(0, 10).toReversed())
    const up = await follow(await get(`${path(stream)}/0/forward/20`), 'previous')
    expect(up.length).toBeGreaterThan(1)
    expect(up.flatMap((page) => numbersOf(page).toReversed())).toEqual(range(0, 10))
  })

  it('takes the last of what is said more than once', async () => {
    const stream = await streamOf(1)
    expect((await request('GET', `${path(stream)}?embed=nonsense&embed=rich`)).status).toBe(200)
    expect((await request('GET', `${path(stream)}?embed=rich&embed=nonsense`)).status).toBe(400)
  })

  it.each([
    ['/0/forward/0', atom, 400, /number of events/u],
    ['/0/forward/many', atom, 400, /number of events/u],
    ['/first', atom, 400, /event number/u],
    ['/-5/forward/20', atom, 400, /event number/u],
    ['/0/sideways/20', atom, 400, /forward or backward/u],
    ['?embed=everything', atom, 400, /everything/u],
    ['', 'application/atom+xml', 406, /XML/u],
    ['/0', 'text/xml', 406, /XML/u],
  ])('says why it has nothing for %s as %s', async (at, accept, status, words) => {
    const stream = await streamOf(1)
    const response = await request('GET', path(stream) + at, { headers: { accept } })
    expect(response.status).toBe(status)
    expect(await detailOf(response)).toMatch(words)
  })

  it('refuses positions that are none', async () => {
    for (const position of ['5', 'ffffffffffffffffffffffffffffffff', '0000000000000003'.repeat(2)]) {
      expect((await request('GET', `/streams/$all/${position}/forward/20`)).status).toBe(400)
    }
  })

  it('refuses headers that it cannot make sense of', async () => {
    const stream = await streamOf(1)
    for (const headers of [
      { 'es-longpoll': 'a while' },
      { 'es-longpoll': '-1' },
      { 'es-resolvelinktos': 'no' },
    ]) {
      expect((await request('GET', path(stream), { headers })).status).toBe(400)
    }
  })

  it('forgets who has gone away while waiting', async () => {
    const stream = await streamOf(1)
    const gone = new AbortController()
    const polls = range(0, 20).map(() =>
      request('GET', `${path(stream)}/1/forward/20`, {
        headers: { 'es-longpoll': '60' },
        signal: gone.signal,
      }),
    )
    const settled = Promise.allSettled(polls)
    await until(
      async () => (await request('GET', '/health/live')).status === 204,
      'the node has answered others',
    )
    gone.abort()
    for (const result of await settled) expect(result.status).toBe('rejected')
    expect(numbersOf(await get(path(stream)))).toEqual([0])
  })
})
