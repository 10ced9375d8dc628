import { randomUUID } from 'node:crypto'

import { Agent, request as undiciRequest } from 'undici'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { detailOf, path, requestsTo, type Requests } from './http-requests.ts'
import { startSecureServer } from './secure-server.ts'
import { newStream, until } from './server.ts'

/** Users have to prove who they are; without TLS, as that makes no difference to these rules. */
let node: EventStoreDBNode
let request: Requests
beforeAll(async () => {
  node = await EventStoreDBNode.start({ auth: true })
  request = requestsTo({ url: node.connectionString })
})
afterAll(() => node.stop())

type Headers = Readonly<Record<string, string>>

const as = (name: string, password = 'changeit'): Headers => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
})

const nobody: Headers = {}
const admin = as('admin')
const ops = as('ops')
const json = { 'content-type': 'application/json' }

const post = (at: string, body: string, headers: Headers): Promise<Response> =>
  request('POST', at, {
    headers: { ...json, 'es-eventtype': 'Noted', 'es-eventid': randomUUID(), ...headers },
    body,
  })

it('over TLS, links lead to where TLS is', async () => {
  const server = await startSecureServer()
  const dispatcher = new Agent({ connect: { ca: server.ca, servername: 'localhost' } })
  const { host } = new URL(server.url)
  const { body } = await undiciRequest(`https://${host}/streams/$all`, { dispatcher, headers: admin })
  expect(await body.json()).toMatchObject({ selfUrl: `https://${host}/streams/%24all` })
  await dispatcher.close()
  await server.stop()
})

describe('on a node with users', () => {
  it('who says nothing is asked who they are, and in which way to say so', async () => {
    const requests: readonly (readonly [method: string, url: string])[] = [
      ['GET', '/streams/a/metadata'],
      ['GET', '/streams/a/0/forward/20'],
      ['DELETE', '/streams/a'],
      ['GET', '/subscriptions'],
      ['GET', '/subscriptions/viewparkedmessages/a/g'],
      ['PUT', '/subscriptions/a/g'],
      ['POST', '/subscriptions/restart'],
      ['GET', '/stats'],
      ['GET', '/stats/tcp'],
      ['GET', '/metrics'],
      ['GET', '/sys/subsystems'],
    ]
    for (const [method, url] of requests) {
      const response = await request(method, url)
      expect([method, url, response.status]).toEqual([method, url, 401])
      expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/u)
    }
    const posted = await post('/streams/a', '{}', nobody)
    expect([posted.status, await detailOf(posted)]).toEqual([401, expect.stringContaining('credentials')])
  })

  it('users do what they may, and are told what they may not', async () => {
    const stream = newStream()
    expect((await post(path(stream), '{"note":"a"}', ops)).status).toBe(201)
    expect((await request('GET', path(stream), { headers: ops })).status).toBe(200)
    const everything = await request('GET', '/streams/$all', { headers: ops })
    expect([everything.status, await detailOf(everything)]).toEqual([
      403,
      expect.stringContaining('ops may not read'),
    ])
    expect((await request('GET', '/streams/$all', { headers: admin })).status).toBe(200)
    expect((await post('/streams/$all', '{}', admin)).status).toBe(403)
  })

  it('a stream is closed and opened by its metadata', async () => {
    const stream = newStream()
    await post(path(stream), '{"note":"a"}', admin)
    const acl = '{"$acl":{"$r":"$admins","$w":"$admins","$d":"$admins","$mr":"$admins","$mw":"$admins"}}'
    expect((await post(`${path(stream)}/metadata`, acl, admin)).status).toBe(201)
    const statuses = [
      await request('GET', path(stream), { headers: ops }),
      await request('GET', `${path(stream)}/0`, { headers: ops }),
      await request('GET', `${path(stream)}/metadata`, { headers: ops }),
      await request('GET', path(`$$${stream}`), { headers: ops }),
      await request('DELETE', path(stream), { headers: ops }),
      await post(path(stream), '{}', ops),
      await post(`${path(stream)}/metadata`, '{}', ops),
      await post(path(`$$${stream}`), '{}', ops),
    ].map(({ status }) => status)
    expect(statuses).toEqual(statuses.map(() => 403))
    expect((await request('GET', `${path(stream)}/0`, { headers: admin })).status).toBe(200)
  })

  it('what not everybody may see is not for caches on the way', async () => {
    const stream = newStream()
    await post(path(stream), '{"note":"a"}', admin)
    const response = await request('GET', `${path(stream)}/0`, { headers: admin })
    expect(response.headers.get('cache-control')).toBe('max-age=31536000, private')
  })

  it('a link shows nothing of a stream that is closed', async () => {
    const [closed, links] = [newStream('$closed'), newStream('links')]
    await post(path(closed), '{"note":"secret"}', admin)
    const headers = { ...ops, 'content-type': 'application/octet-stream', 'es-eventtype': '$>' }
    const linked = await request('POST', path(links), {
      headers: { ...headers, 'es-eventid': randomUUID() },
      body: `0@${closed}`,
    })
    expect(linked.status).toBe(201)
    for (const [who, shown] of [
      [ops, false],
      [admin, true],
    ] as const) {
      for (const at of [`${path(links)}?embed=body`, `${path(links)}/0`]) {
        const body = await (await request('GET', at, { headers: who })).text()
        expect([at, body.includes('secret')]).toEqual([at, shown])
      }
    }
  })

  it('who waits is not answered with what was closed in the meantime', async () => {
    const stream = newStream()
    await post(path(stream), '{"note":"a"}', admin)
    const poll = request('GET', `${path(stream)}/1/forward/20`, { headers: { ...ops, 'es-longpoll': '60' } })
    await until(async () => (await request('GET', '/ping')).status === 200, 'the poll has had its turn')
    await post(`${path(stream)}/metadata`, '{"$acl":{"$r":"$admins"}}', admin)
    await post(path(stream), '{"note":"b"}', admin)
    expect((await poll).status).toBe(403)
  })

  it('operators manage groups', async () => {
    const stream = newStream()
    const options = { headers: { ...json, ...ops }, body: '{}' }
    expect((await request('PUT', `/subscriptions/${stream}/g`, options)).status).toBe(201)
    expect((await request('GET', '/subscriptions', { headers: ops })).status).toBe(200)
  })
})
