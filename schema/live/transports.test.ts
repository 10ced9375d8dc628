import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { WebSocket } from 'ws'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UserId } from '../../domain/ids.ts'
import { EventStoreDBNode } from '../../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../../embedded/mongodb/node.ts'
import { person, startTestApi } from '../apiUnderTest.ts'
import type { TestApi } from '../apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
let servers: { events: string; documents: string; database: string }
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'live-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  servers = {
    events: events.connectionString,
    documents: documents.connectionString,
    database: 'live',
  }
  api = await startTestApi(servers)
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

const ordersOf = `subscription { myOrders { orderId status revision failure { shortBy { amount currency } } } }`

describe('over server-sent events', () => {
  const stream = async (user: UserId, query: string, signal?: AbortSignal) => {
    const response = await fetch(api.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-user-id': user },
      body: JSON.stringify({ query }),
      ...(signal && { signal }),
    })
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    return response.body ?? new ReadableStream<Uint8Array>()
  }

  it('an order is watched to its end', async () => {
    const ann = person()
    const { id } = await api.place(ann)
    const events = stream(ann, `subscription { orderStatus(orderId: "${id}") { status } }`)
    await expect.poll(() => api.hub.watchers()).toBeGreaterThan(0)
    await api.failShort(id, 1)
    const text = await new Response(await events).text()
    expect(text.match(/(AWAITING_PAYMENT|FAILED|event: complete)/g)?.slice(-2)).toEqual([
      'FAILED',
      'event: complete',
    ])
  })

  it('whoever goes away leaves the hub', async () => {
    await expect.poll(() => api.hub.watchers()).toBe(0)
    const leaving = new AbortController()
    const body = await stream(person(), 'subscription { myOrders { status } }', leaving.signal)
    await expect.poll(() => api.hub.watchers()).toBe(1)
    leaving.abort()
    await body.cancel().catch(() => undefined)
    await expect.poll(() => api.hub.watchers()).toBe(0)
  })
})

describe('a WebSocket', () => {
  it('is closed with 4401 unless it says who is asking', async () => {
    const socket = api.socket('nobody')
    const updates = socket.iterate({ query: ordersOf })
    await expect(updates.next()).rejects.toMatchObject({ code: 4401 })
  })

  it('takes the user of the upgrade request', async () => {
    const ann = person()
    const socket = new WebSocket(api.url.replace('http', 'ws'), 'graphql-transport-ws', {
      headers: { 'X-User-ID': ann },
    })
    const messages: unknown[] = []
    socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
    socket.on('open', () => socket.send('{"type":"connection_init"}'))
    await expect.poll(() => messages).toEqual([{ type: 'connection_ack' }])
    socket.send('{"id":"1","type":"subscribe","payload":{"query":"{ me { id } }"}}')
    const next = { id: '1', type: 'next', payload: { data: { me: { id: ann } } } }
    await expect.poll(() => messages.slice(1)).toEqual([next, { id: '1', type: 'complete' }])
    socket.close()
  })

  it('answers queries as new as their consistency token', async () => {
    const ann = person()
    const { id, consistencyToken } = await api.place(ann)
    const query = `{ order(id: "${id}") { id } }`
    const answers = api.socket(ann).iterate({ query, extensions: { consistencyToken } })
    expect((await answers.next()).value).toEqual({ data: { order: { id } } })
  })

  it.each([
    ['{ nope }', 'BAD_INPUT'],
    ['{ me { id }', 'BAD_INPUT'],
    [`{ ${Array.from({ length: 16 }, (_, n) => `a${n}: me { id }`).join(' ')} }`, 'BAD_INPUT'],
    ['subscription { orderStatus(orderId: "x") { status } }', 'BAD_INPUT'],
  ])('says what is wrong with %s', async (query, code) => {
    const answers = api.socket(person()).iterate({ query })
    const errors: unknown = await answers.next().then(
      ({ value }: { value?: { errors?: unknown } }) => value?.errors,
      (fault: unknown) => fault,
    )
    expect(errors).toMatchObject([{ extensions: { code } }])
    expect(JSON.stringify(errors)).not.toContain('http')
  })
})

describe('an instance that stops', () => {
  it('sends its subscribers away: with 1001 over WebSocket, with UNAVAILABLE over HTTP', async () => {
    const stopping = await startTestApi({ ...servers, projecting: false })
    const ann = person()
    const socket = stopping.socket(ann)
    const closed = new Promise<unknown>((resolve) => socket.on('closed', resolve))
    const updates = socket.iterate({ query: ordersOf }).next()
    const body = await fetch(stopping.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream', 'x-user-id': ann },
      body: JSON.stringify({ query: ordersOf }),
    })
    await expect.poll(() => stopping.hub.watchers()).toBe(2)
    await Promise.all([stopping.http.close(), expect(updates).rejects.toMatchObject({ code: 1001 })])
    expect(await closed).toMatchObject({ code: 1001 })
    expect(await body.text()).toContain('UNAVAILABLE')
    await stopping.stop()
  })
})
