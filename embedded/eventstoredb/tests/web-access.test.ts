import {
  PARK,
  persistentSubscriptionToStreamSettingsFromDefaults as settings,
  START,
  type EventStoreDBClient,
} from '@eventstore/db-client'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { EventStoreDBNode } from '../node.ts'
import { connect, newStream, noted, until } from './server.ts'
import { admin, feedIn, formIn, linkIn, ops, originOf, visitor, wordsIn } from './web-visits.ts'

let open: EventStoreDBNode
let closed: EventStoreDBNode
let client: EventStoreDBClient
beforeAll(async () => {
  open = await EventStoreDBNode.start()
  closed = await EventStoreDBNode.start({ auth: true })
  client = connect(open.connectionString)
})
afterAll(async () => {
  void client.dispose()
  await open.stop()
  await closed.stop()
})

/** As administrator; the official client keeps credentials to itself where there is no TLS. */
async function post(path: string, event: { type: string; body: string; json?: boolean }): Promise<void> {
  const headers = {
    ...admin,
    'content-type': event.json === false ? 'application/octet-stream' : 'application/json',
    'es-eventtype': event.type,
    'es-eventid': crypto.randomUUID(),
  }
  const response = await fetch(originOf(closed) + path, { method: 'POST', headers, body: event.body })
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`)
}

const form = { 'content-type': 'application/x-www-form-urlencoded' }

describe('on a node with users', () => {
  it.each([
    '/web/',
    '/web/all',
    '/web/streams/some',
    '/web/event/some/0',
    '/web/metadata/some',
    '/web/subscriptions',
    '/web/projections',
    '/web/live/all?log=x&cursor=0',
  ])('%s asks the nameless to log in', async (path) => {
    const page = await visitor(closed)(path)
    expect(page.status).toBe(401)
    expect(page.headers.get('www-authenticate')).toMatch(/^Basic /u)
  })

  it('a wrong password opens nothing', async () => {
    const headers = { authorization: `Basic ${btoa('admin:wrong')}` }
    expect((await visitor(closed)('/web/', { headers })).status).toBe(401)
  })

  it('everyone gets the files that pages are made with', async () => {
    expect((await visitor(closed)('/web/assets/base.css')).status).toBe(200)
  })

  it('operators see groups and their own streams, and administrators all', async () => {
    const visit = visitor(closed)
    expect((await visit('/web/subscriptions', { headers: ops })).status).toBe(200)
    expect((await visit('/web/projections', { headers: ops })).status).toBe(200)
    const overview = await visit('/web/', { headers: ops })
    expect(overview.status).toBe(200)
    expect(wordsIn(overview.text)).toContain('logged in as ops')
    for (const path of [
      '/web/all',
      '/web/streams/%24users',
      '/web/event/%24users/0',
      '/web/raw/%24users/0/data',
    ]) {
      const denied = await visit(path, { headers: ops })
      expect([path, denied.status]).toEqual([path, 403])
      expect(wordsIn(denied.text)).toContain('ops may not read')
      expect((await visit(path, { headers: admin })).status).toBe(200)
    }
  })

  it('a link shows its target to those alone who may read it', async () => {
    const stream = newStream()
    await post(`/streams/${stream}`, { type: '$>', body: '0@$user-admin', json: false })
    const visit = visitor(closed)
    const forOps = wordsIn((await visit(`/web/streams/${stream}`, { headers: ops })).text)
    expect(forOps).toContain('Links to 0 of $user-admin , which can’t be seen')
    expect(forOps).not.toContain('loginName')
    expect(wordsIn((await visit(`/web/streams/${stream}`, { headers: admin })).text)).toContain('loginName')
  })

  it('who may no longer read a stream follows it no longer', async () => {
    const stream = newStream()
    await post(`/streams/${stream}`, { type: 'Noted', body: '{}' })
    const page = await visitor(closed)(`/web/streams/${stream}`, { headers: ops })
    const feed = await fetch(originOf(closed) + feedIn(page), { headers: ops })
    await post(`/streams/${stream}/metadata`, { type: '$metadata', body: '{"$acl":{"$r":"$admins"}}' })
    expect(await feed.text()).toContain('event: over\ndata: You may not read this stream any more.')
  })
})

describe('a form that changes something is taken', () => {
  async function parkedGroup(): Promise<string> {
    const stream = newStream()
    await client.appendToStream(stream, noted('x'))
    await client.createPersistentSubscriptionToStream(stream, 'g', settings({ startFrom: START }))
    const consumer = client.subscribeToPersistentSubscriptionToStream(stream, 'g')
    consumer.on('data', (resolved) => void consumer.nack(PARK, 'no', resolved))
    const path = `/web/subscription/${stream}/g`
    await until(async () => (await visitor(open)(path)).text.includes('class="reason"'), 'it is parked')
    await consumer.unsubscribe()
    return path
  }

  it('from a page of this node, once it was asked for', async () => {
    const visit = visitor(open)
    const group = await visit(await parkedGroup())
    const { action, fields } = formIn(await visit(linkIn(group, 'Replay…')))
    const done = await visit(action, { method: 'POST', headers: form, body: fields.toString() })
    expect(done.status).toBe(303)
    const page = await visit(done.headers.get('location') ?? '')
    expect(wordsIn(page.text)).toContain('1 parked message given back to the group.')
  })

  it('from nowhere else, and for nothing else', async () => {
    const visit = visitor(open)
    const [one, other] = [await visit(await parkedGroup()), await visit(await parkedGroup())]
    const { action, fields } = formIn(await visit(linkIn(one, 'Replay…')))
    const elsewhere = formIn(await visit(linkIn(other, 'Replay…'))).fields
    const post = async (body: string, headers: Record<string, string>): Promise<number> =>
      (await visit(action, { method: 'POST', headers, body })).status
    expect(await post('', form)).toBe(403)
    expect(await post('token=x', form)).toBe(403)
    expect(await post(elsewhere.toString(), form)).toBe(403)
    expect(await post(fields.toString(), { 'content-type': 'text/plain' })).toBe(415)
    expect(await post(fields.toString(), { ...form, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await post(fields.toString(), { ...form, origin: 'http://elsewhere.test' })).toBe(403)
    expect(await post(`${fields.toString()}&more=${'x'.repeat(20_000)}`, form)).toBe(413)
    expect((await visit(action)).text).toContain('Replay 1 message')
  })

  it('from one person alone', async () => {
    const visit = visitor(closed)
    const { action, fields } = formIn(await visit('/web/projections', { headers: admin }))
    const post = async (headers: Record<string, string>): Promise<number> =>
      (await visit(action, { method: 'POST', headers: { ...form, ...headers }, body: fields.toString() }))
        .status
    expect(await post({})).toBe(401)
    expect(await post(ops)).toBe(403)
    expect(await post(admin)).toBe(303)
  })
})
