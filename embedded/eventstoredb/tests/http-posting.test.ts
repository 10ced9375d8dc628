import { randomUUID } from 'node:crypto'

import { jsonEvent } from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { detailOf, events, feedIn, path, requestsTo, titlesOf, type Requests } from './http-requests.ts'
import { exists, newStream, noted, notesIn, startServer, type Server } from './server.ts'

let server: Server
let request: Requests
beforeAll(async () => {
  server = await startServer()
  request = requestsTo(server)
})
afterAll(() => server.stop())

type Headers = Readonly<Record<string, string>>

const json = { 'content-type': 'application/json' }
const batch = { 'content-type': events }

/** Posts the data of one event. */
const post = (stream: string, note: string, headers: Headers = {}): Promise<Response> =>
  request('POST', path(stream), {
    headers: { ...json, 'es-eventtype': 'Noted', 'es-eventid': randomUUID(), ...headers },
    body: JSON.stringify({ note }),
  })

const eventOf = (note: string, eventId: string = randomUUID()) => ({
  eventId,
  eventType: 'Noted',
  data: { note },
})

/** Posts several events with all about them. */
const postAll = (stream: string, posted: unknown, headers: Headers = {}): Promise<Response> =>
  request('POST', path(stream), { headers: { ...batch, ...headers }, body: JSON.stringify(posted) })

const readAll = async (stream: string) => {
  const read = []
  for await (const { event } of server.client.readStream(stream)) if (event !== undefined) read.push(event)
  return read
}

describe('posting one event', () => {
  it('appends it as it is, for all clients', async () => {
    const stream = newStream()
    const eventId = randomUUID()
    const body = '{ "note" : "a", "n": 1.0 }'
    const headers = { ...json, 'es-eventtype': 'Noted', 'es-eventid': eventId }
    const response = await request('POST', path(stream), { headers, body })
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toMatch(/\/streams\/note-[^/]+\/0$/u)
    expect(await readAll(stream)).toMatchObject([
      { id: eventId, type: 'Noted', isJson: true, data: { note: 'a', n: 1 } },
    ])
    const location = response.headers.get('location') ?? ''
    const read = await request('GET', location, { headers: { accept: 'application/json' } })
    expect(await read.text()).toBe(body)
  })

  it('appends bytes as bytes', async () => {
    const stream = newStream()
    const body = new Uint8Array([0, 255, 1])
    const headers = {
      'content-type': 'application/octet-stream',
      'es-eventtype': 'Bytes',
      'es-eventid': randomUUID(),
    }
    expect((await request('POST', path(stream), { headers, body })).status).toBe(201)
    const [event] = await readAll(stream)
    expect(event).toMatchObject({ isJson: false, type: 'Bytes' })
    expect(event?.data).toEqual(body)
  })

  it('takes the type as UTF-8 too', async () => {
    const stream = newStream()
    const type = Buffer.from('Größe', 'utf8').toString('latin1')
    expect((await post(stream, 'a', { 'es-eventtype': type })).status).toBe(201)
    expect(await readAll(stream)).toMatchObject([{ type: 'Größe' }])
  })

  it('without an id is sent to where it gets one, and is one event however often it is posted there', async () => {
    const stream = newStream('a/b ü')
    const options = { headers: { ...json, 'es-eventtype': 'Noted' }, body: '{"note":"a"}' }
    const redirected = await request('POST', path(stream), options)
    expect(redirected.status).toBe(307)
    const location = redirected.headers.get('location') ?? ''
    expect(location).toMatch(/\/incoming\/[0-9a-f-]{36}$/u)
    expect(await exists(server.client, stream)).toBe(false)
    for (const _ of ['once', 'again']) {
      const posted = await request('POST', location, options)
      expect([posted.status, posted.headers.get('location')?.endsWith('/0')]).toEqual([201, true])
    }
    expect(await notesIn(server.client, stream)).toEqual(['a'])
  })
})

describe('posting several events', () => {
  it('appends all of them, with their metadata, and says where the first is', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, noted('a'))
    const [first, second] = [eventOf('b'), { ...eventOf('c'), metadata: { by: 'me' } }]
    const response = await postAll(stream, [first, second])
    expect([response.status, response.headers.get('location')?.endsWith('/1')]).toEqual([201, true])
    expect(await readAll(stream)).toMatchObject([
      { data: { note: 'a' } },
      { id: first.eventId, data: { note: 'b' }, isJson: true },
      { id: second.eventId, data: { note: 'c' }, metadata: { by: 'me' } },
    ])
  })

  it('appends none of them if one is wrong', async () => {
    const stream = newStream()
    expect((await postAll(stream, [eventOf('a'), { ...eventOf('b'), eventId: 'five' }])).status).toBe(400)
    expect(await exists(server.client, stream)).toBe(false)
  })

  it('is recognised when it is posted again', async () => {
    const stream = newStream()
    const posted = [eventOf('a'), eventOf('b')]
    for (const headers of [{}, {}, { 'es-expectedversion': '-1' }]) {
      const response = await postAll(stream, posted, headers)
      expect([response.status, response.headers.get('location')?.endsWith('/0')]).toEqual([201, true])
    }
    expect(await notesIn(server.client, stream)).toEqual(['a', 'b'])
  })
})

describe('an expected version', () => {
  it.each([
    ['-2', [201, 201]],
    ['-1', [201, 400]],
    ['-4', [400, 201]],
    ['0', [400, 201]],
    ['1', [400, 400]],
  ])('of %s is met by a new stream and by one with an event, or not', async (version, statuses) => {
    const [fresh, used] = [newStream(), newStream()]
    await server.client.appendToStream(used, noted('a'))
    const headers = { 'es-expectedversion': version }
    const responses = [await post(fresh, 'b', headers), await post(used, 'b', headers)]
    expect(responses.map(({ status }) => status)).toEqual(statuses)
    for (const [index, response] of responses.entries()) {
      if (response.status === 201) continue
      expect(response.statusText).toBe('Wrong expected EventNumber')
      expect(response.headers.get('es-currentversion')).toBe(String(index - 1))
    }
  })
})

describe('metadata', () => {
  it('is posted as it is, and holds for all clients', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, ['a', 'b', 'c'].map(noted))
    const options = { headers: { ...json, 'es-eventid': randomUUID() }, body: '{"$maxCount":2,"mine":1}' }
    expect((await request('POST', `${path(stream)}/metadata`, options)).status).toBe(201)
    expect(await notesIn(server.client, stream)).toEqual(['b', 'c'])
    expect((await server.client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 2, mine: 1 })
  })

  it('is posted as the data of one event, to either of its places', async () => {
    for (const place of [
      (stream: string) => `${path(stream)}/metadata`,
      (stream: string) => path(`$$${stream}`),
    ]) {
      const stream = newStream()
      await server.client.appendToStream(stream, ['a', 'b', 'c'].map(noted))
      const event = { eventId: randomUUID(), eventType: '$metadata', data: { $tb: 1 } }
      const options = { headers: batch, body: JSON.stringify([event]) }
      expect((await request('POST', place(stream), options)).status).toBe(201)
      expect(await notesIn(server.client, stream)).toEqual(['b', 'c'])
    }
  })
})

describe('deleting a stream', () => {
  const statusOf = async (stream: string): Promise<number> => (await request('GET', path(stream))).status

  it('makes it missing, until it is written to again', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, ['a', 'b'].map(noted))
    expect((await request('DELETE', path(stream))).status).toBe(204)
    expect(await statusOf(stream)).toBe(404)
    expect((await post(stream, 'c')).status).toBe(201)
    expect(titlesOf(await feedIn(await request('GET', path(stream))))).toEqual([`2@${stream}`])
  })

  it('hard makes it gone for good', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, noted('a'))
    const headers = { 'es-harddelete': 'true' }
    expect((await request('DELETE', path(stream), { headers })).status).toBe(204)
    expect(await statusOf(stream)).toBe(410)
    expect((await post(stream, 'b')).status).toBe(410)
    expect((await request('DELETE', path(stream))).status).toBe(410)
  })

  it('may expect a version', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, ['a', 'b'].map(noted))
    const deleting = (version: string) =>
      request('DELETE', path(stream), { headers: { 'es-expectedversion': version } })
    const refused = await deleting('0')
    expect([refused.status, refused.headers.get('es-currentversion')]).toEqual([400, '1'])
    expect((await deleting('1')).status).toBe(204)
  })
})

describe.skipIf(process.env['EVENTSTORE_URL'] !== undefined)('only this node', () => {
  const large = 'x'.repeat(1024 * 1024)

  const bad: readonly (readonly [
    what: string,
    headers: Headers,
    body: string,
    status: number,
    words: RegExp,
  ])[] = [
    ['no content type', { 'content-type': '' }, '{}', 415, /posted as/u],
    ['XML', { 'content-type': 'application/xml' }, '<a/>', 415, /posted as/u],
    ['what a form sends', { 'content-type': 'text/plain' }, '{}', 415, /posted as/u],
    ['an encoded body', { 'content-encoding': 'gzip' }, '{}', 415, /gzip/u],
    ['no type', { 'es-eventtype': '' }, '{}', 400, /needs a type/u],
    ['an id that is none', { 'es-eventid': 'one' }, '{}', 400, /no UUID/u],
    ['an id of zeros', { 'es-eventid': '00000000-0000-0000-0000-000000000000' }, '{}', 400, /id/u],
    ['an empty body', {}, '', 400, /empty/u],
    ['half of a JSON text', {}, '{"a":', 400, /not JSON/u],
    ['a version that is no number', { 'es-expectedversion': 'any' }, '{}', 400, /ES-ExpectedVersion/u],
    ['a version that means nothing', { 'es-expectedversion': '-3' }, '{}', 400, /ES-ExpectedVersion/u],
    ['too large an event', {}, JSON.stringify(large), 413, /1048576/u],
    ['no array of events', batch, '{}', 400, /array/u],
    ['no events', batch, '[]', 400, /at least one/u],
    ['events that are not JSON', batch, 'events', 400, /not JSON/u],
    ['an event without an id', batch, '[{"eventType":"A","data":{}}]', 400, /eventId/u],
    [
      'an event without a type',
      batch,
      JSON.stringify([{ ...eventOf('a'), eventType: '' }]),
      400,
      /eventType/u,
    ],
    ['events that are too large together', batch, JSON.stringify([eventOf(large)]), 413, /1048576/u],
    ['far too large a body', batch, JSON.stringify(large.repeat(4)), 413, /bytes/u],
    ['what another site sends', { origin: 'http://elsewhere.example' }, '{}', 403, /another site/u],
  ]

  it.each(bad)('refuses %s in plain words, and writes nothing', async (_, headers, body, status, words) => {
    const stream = newStream()
    const sent = { ...json, 'es-eventtype': 'Noted', 'es-eventid': randomUUID(), ...headers }
    const response = await request('POST', path(stream), { headers: sent, body })
    expect(response.status).toBe(status)
    const detail = await detailOf(response)
    expect(detail).toMatch(words)
    expect(detail).not.toMatch(/\bat .*\.ts|node:/u)
    expect(await exists(server.client, stream)).toBe(false)
  })

  it('refuses a body that turns out to be too large, where nobody said how large it would be', async () => {
    const stream = newStream()
    const chunk = Buffer.alloc(300_000, ' ')
    const response = await request('POST', path(stream), {
      headers: { ...json, 'es-eventtype': 'Noted', 'es-eventid': randomUUID() },
      body: new ReadableStream({
        start: (controller) => {
          for (let sent = 0; sent < 5; sent += 1) controller.enqueue(chunk)
          controller.close()
        },
      }),
    })
    expect([response.status, await detailOf(response)]).toEqual([413, expect.stringContaining('1048576')])
    expect(await exists(server.client, stream)).toBe(false)
  })

  it.each([
    ['no object', '[1]', /object/u],
    ['no JSON', 'maxCount: 5', /not JSON/u],
  ])('refuses metadata that is %s', async (_, body, words) => {
    const stream = newStream()
    const headers = { ...json, 'es-eventid': randomUUID() }
    const response = await request('POST', `${path(stream)}/metadata`, { headers, body })
    expect([response.status, await detailOf(response)]).toEqual([400, expect.stringMatching(words)])
    expect(await exists(server.client, `$$${stream}`)).toBe(false)
  })

  it('gives metadata without an id one of its own', async () => {
    const stream = newStream()
    const options = { headers: json, body: '{"$maxCount":2}' }
    const redirected = await request('POST', `${path(stream)}/metadata`, options)
    expect(redirected.status).toBe(307)
    expect((await request('POST', redirected.headers.get('location') ?? '', options)).status).toBe(201)
    expect((await server.client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 2 })
  })

  it('keeps the digits of what it stores', async () => {
    const stream = newStream()
    const posted = `[{"eventId":"${randomUUID()}","eventType":"Counted","data":{"n":9223372036854775807,"r":1.50}}]`
    await request('POST', path(stream), { headers: batch, body: posted })
    const read = await request('GET', `${path(stream)}/0`, { headers: { accept: 'application/json' } })
    expect(await read.text()).toBe('{"n":9223372036854775807,"r":1.50}')
  })

  it('stores a text as itself', async () => {
    const stream = newStream()
    await postAll(stream, [{ ...eventOf('a'), data: 'plain words' }])
    expect(await readAll(stream)).toMatchObject([{ isJson: false }])
    const read = await request('GET', `${path(stream)}/0`, {
      headers: { accept: 'application/octet-stream' },
    })
    expect(await read.text()).toBe('plain words')
  })

  it('lets nobody write to, or delete, all streams at once', async () => {
    expect((await post('$all', 'a')).status).toBe(400)
    expect((await request('DELETE', '/streams/$all')).status).toBe(400)
  })

  it('takes what a client appends and a page deletes as one history', async () => {
    const stream = newStream()
    await server.client.appendToStream(stream, jsonEvent({ type: 'Noted', data: { note: 'a' } }))
    await post(stream, 'b', { 'es-expectedversion': '0' })
    await server.client.appendToStream(stream, noted('c'), { expectedRevision: 1n })
    expect(await notesIn(server.client, stream)).toEqual(['a', 'b', 'c'])
  })
})
