import { UnsecuredJWT } from 'jose'
import type { EventStoreDBClient } from '@eventstore/db-client'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { claimsAt, ISSUER, signed, signerOf } from '../access/tokenControls.ts'
import type { Signer } from '../access/tokenControls.ts'
import { accessBy, following, happenings, tokenFor } from '../access/underTest.ts'
import type { TokenOf } from '../access/underTest.ts'
import type { UserId } from '../domain/ids.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
/** It does not follow the log yet, so it can't know who has signed out. */
let early: TestApi
let signer: Signer
let another: Signer
let happened: ReturnType<typeof happenings>
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sessions-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  signer = await signerOf('2026')
  another = await signerOf('2026')
  const servers = {
    events: events.connectionString,
    documents: documents.connectionString,
    database: 'sessions',
    access: (client: EventStoreDBClient) => accessBy(client, signer),
  }
  early = await startTestApi(servers)
  const { client } = early
  const access = accessBy(client, signer)
  const stopFollowing = await following(client, access)
  api = await startTestApi({ ...servers, projecting: false, access: () => access })
  happened = happenings(client)
  stop = async () => {
    await stopFollowing()
    await api.stop()
    await early.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

let ann: UserId
beforeEach(() => {
  ann = person()
})

const bearer = async (user: UserId, what?: TokenOf) => `Bearer ${await tokenFor(signer, user, what)}`
/** Good for three seconds, as all are for two more than they say. */
const SHORT = { for: 1 }

const asked = (headers: Readonly<Record<string, string>>, query: string) => ({
  method: 'POST',
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify({ query }),
})
const me = '{ me { id } }'
const opening = (key = 'open') =>
  `mutation { openWallet(input: { currency: "EUR", idempotencyKey: "${key}" }) {
    __typename ... on Wallet { consistencyToken }
  } }`
const place = async (user: UserId, key: string): Promise<string> => {
  const input = `{ price: { amount: 700, currency: "EUR" }, description: "a book", idempotencyKey: "${key}" }`
  const query = `mutation { placeOrder(input: ${input}) { ... on Order { id } } }`
  const { data } = await api.send(asked({ authorization: await bearer(user) }, query))
  return z.object({ placeOrder: z.object({ id: z.string() }) }).parse(data).placeOrder.id
}
const code = (expected: string) => [{ extensions: { code: expected } }]

it('before it is known who has signed out nobody is let in, and nobody is told that it is their fault', async () => {
  const authorization = await bearer(ann)
  const answer = await early.send(asked({ authorization }, me))
  expect(answer).toMatchObject({ status: 503, errors: code('UNAVAILABLE') })
  const answers = early.socket({ authorization }).iterate({ query: me })
  await expect(answers.next()).rejects.toMatchObject({ code: 1013 })
})

const forged: Readonly<Record<string, () => string | Promise<string>>> = {
  'without a signature': () => new UnsecuredJWT(claimsAt(new Date())).encode(),
  'signed with the published key as a password': () =>
    signed(signer, claimsAt(new Date()), { alg: 'HS256' }, Buffer.from(JSON.stringify(signer.jwk))),
  'of another key with the same id': () => signed(another, claimsAt(new Date())),
  'that brings its key along': () => signed(another, claimsAt(new Date()), { jwk: another.jwk }),
  'that has expired': () => tokenFor(signer, ann, { for: -3 }),
  'for somebody else': () => signed(signer, { ...claimsAt(new Date()), aud: 'another' }),
  'with a role that is none': () => signed(signer, { ...claimsAt(new Date()), role: 'ROOT' }),
  'that was cut off': async () => (await tokenFor(signer, ann)).slice(0, -10),
  'that is huge': () => signed(signer, { ...claimsAt(new Date()), padding: 'x'.repeat(8_000) }),
}

describe.each(Object.entries(forged))('a token %s does nothing', (_, forge) => {
  const before = () => api.head()
  it.each([
    ['the header', (token: string) => ({ authorization: `Bearer ${token}` })],
    ['the cookie', (token: string) => ({ cookie: `counterfoil_access=${token}`, origin: ISSUER })],
  ])('in %s', async (_, headersOf) => {
    const head = await before()
    const response = await fetch(api.url, asked(headersOf(await forge()), opening()))
    expect(response.status).toBe(401)
    expect(response.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    const body: unknown = await response.json()
    expect(body).toMatchObject({ errors: code('UNAUTHENTICATED') })
    expect(await api.head()).toBe(head)
  })
  it('in the parameters of a connection', async () => {
    const head = await before()
    const answers = api.socket({ authorization: `Bearer ${await forge()}` }).iterate({ query: opening() })
    await expect(answers.next()).rejects.toMatchObject({ code: 4401 })
    expect(await api.head()).toBe(head)
  })
})

describe('a cookie', () => {
  const cookie = async () => `counterfoil_access=${await tokenFor(signer, ann)}`

  it('counts for pages of ours', async () => {
    const answer = await api.send(asked({ cookie: await cookie(), origin: ISSUER }, me))
    expect(answer).toMatchObject({ status: 200, data: { me: { id: ann } } })
  })
  it.each([
    ['of another site', { origin: 'https://evil.example' }],
    ['that says nothing of itself', {}],
  ])('does not count for a page %s, and nothing is done', async (_, headers) => {
    const head = await api.head()
    const answer = await api.send(asked({ cookie: await cookie(), ...headers }, opening()))
    expect(answer).toMatchObject({ status: 403, errors: code('FORBIDDEN') })
    expect(await api.head()).toBe(head)
  })
  it('changes nothing by a link', async () => {
    const head = await api.head()
    const headers = { cookie: await cookie(), accept: 'application/json' }
    const answer = await api.send({ headers }, `?${new URLSearchParams({ query: opening() })}`)
    expect(answer.status).toBe(405)
    expect(await api.head()).toBe(head)
    expect(await api.send({ headers }, `?${new URLSearchParams({ query: me })}`)).toMatchObject({
      data: { me: { id: ann } },
    })
  })

  it.each([
    ['counts', ISSUER, 'connection_ack'],
    ['does not count', 'https://evil.example', 4403],
  ])('%s for a WebSocket of a page of %s', async (_, origin, expected) => {
    const socket = connect({ cookie: await cookie(), origin })
    await expect
      .poll(() => [...socket.messages, ...socket.closed][0])
      .toMatchObject(typeof expected === 'number' ? { code: expected } : { type: expected })
    socket.close()
  })
})

it.each([
  [
    'of its owner, by a link',
    async () => ({ cookie: `counterfoil_access=${await tokenFor(signer, ann)}` }),
    200,
  ],
  ['of an admin', async () => ({ authorization: await bearer(person(), { role: 'ADMIN' }) }), 200],
  ['of somebody else', async () => ({ authorization: await bearer(person()) }), 404],
  ['of nobody who signed in', async () => ({ 'x-user-id': ann, 'x-user-role': 'ADMIN' }), 401],
  [
    'of another key',
    async () => ({ authorization: `Bearer ${await signed(another, claimsAt(new Date()))}` }),
    401,
  ],
])('a ledger is exported for a token %s, or not', async (_, headers, status) => {
  const { data } = await api.send(asked({ authorization: await bearer(ann) }, opening()))
  await api.caughtUp(
    z.object({ openWallet: z.object({ consistencyToken: z.string() }) }).parse(data).openWallet
      .consistencyToken,
  )
  const response = await api.download(`/export/ledger?user=${ann}`, await headers())
  expect(response.status).toBe(status)
  expect(response.headers.has('www-authenticate')).toBe(status === 401)
  expect(await response.text()).toContain(status === 200 ? 'balance' : 'about:blank')
})

it('a browser is given GraphiQL, for whoever has signed in', async () => {
  const page = await (await fetch(api.url, { headers: { accept: 'text/html' } })).text()
  expect(page).toContain('/auth/google')
  expect(page).not.toContain('X-User-ID')
})

it('nobody keeps what somebody was answered', async () => {
  const headers = { authorization: await bearer(ann) }
  const answer = await fetch(`${api.url}?${new URLSearchParams({ query: me })}`, { headers })
  expect(answer.headers.get('cache-control')).toBe('no-store')
})

it('no page of another site may read what we answer', async () => {
  const headers = { origin: 'https://evil.example', authorization: await bearer(ann) }
  const preflight = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  }
  const answers = [
    await fetch(api.url, asked(headers, me)),
    await fetch(api.url, { method: 'OPTIONS', headers: { ...headers, ...preflight } }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 405])
  for (const answer of answers)
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
})

/** A WebSocket that speaks the protocol by itself, as it is told. */
const connect = (headers: Readonly<Record<string, string>>) => {
  const socket = new WebSocket(api.url.replace('http', 'ws'), 'graphql-transport-ws', { headers })
  const messages: unknown[] = []
  const closed: unknown[] = []
  socket.on('message', (data: Buffer) => messages.push(JSON.parse(data.toString())))
  socket.on('open', () => socket.send('{"type":"connection_init"}'))
  socket.on('close', (code, reason) => closed.push({ code, reason: reason.toString() }))
  return {
    messages,
    closed,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    subscribe: (query: string) =>
      socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query } })),
    close: () => socket.close(),
  }
}

const ENDINGS = [
  ['expires', SHORT, async () => {}, 'Your access token has expired: come again with a new one.'],
  ['is revoked', {}, () => happened.ended(ann), 'You have signed out: sign in again.'],
  [
    'has a role that was taken away',
    { role: 'ADMIN' },
    () => happened.granted(ann, 'USER'),
    'Your role has changed: get a new access token.',
  ],
  ['is of somebody who was erased', {}, () => happened.erased(ann), 'You are not known here any more.'],
] as const
const myOrders = 'subscription { myOrders { orderId } }'

it.each(ENDINGS)(
  'when a token %s, what lasts ends, says so, and leaves what it followed',
  async (_, what, happens, why) => {
    const authorization = await bearer(ann, what)
    const socket = connect({ authorization })
    const response = await fetch(api.url, asked({ accept: 'text/event-stream', authorization }, myOrders))
    await expect.poll(() => socket.messages).toEqual([{ type: 'connection_ack' }])
    socket.subscribe(myOrders)
    // On a busy machine the short one may have ended by then.
    await expect.poll(() => api.hub.watchers() === 2 || socket.closed.length > 0).toBe(true)
    await happens()
    await expect.poll(() => socket.closed).toEqual([{ code: 4403, reason: why }])
    const text = await response.text()
    expect(text).toContain(why)
    expect(text).toMatch(/"code":"UNAUTHENTICATED".*\n\nevent: complete\ndata:\n\n$/s)
    await expect.poll(() => api.hub.watchers()).toBe(0)
  },
)

it('whoever does not heed the end of their WebSocket is cut off, and nothing more is done for them', async () => {
  const authorization = await bearer(ann)
  const socket = connect({ authorization })
  await expect.poll(() => socket.messages).toEqual([{ type: 'connection_ack' }])
  // It does not hear that it is over.
  socket.pause()
  await happened.ended(ann)
  await expect.poll(() => api.send(asked({ authorization }, me))).toMatchObject({ status: 401 })
  socket.subscribe(opening('too late'))
  socket.resume()
  await expect.poll(() => socket.closed, { timeout: 3_000 }).toHaveLength(1)
  const answer = await api.send(
    asked({ authorization: await bearer(ann, { session: 2 }) }, opening('the first')),
  )
  expect(answer.data).toMatchObject({ openWallet: { __typename: 'Wallet' } })
})

it('who comes back with a new token goes on where they were', async () => {
  const order = await place(ann, 'a book')
  const following = (authorization: string, after: number) =>
    api.socket({ authorization }).iterate<{ orderStatus: { status: string; revision: number } }>({
      query: `subscription { orderStatus(orderId: "${order}", afterRevision: ${after}) { status revision } }`,
    })
  const first = following(await bearer(ann), -1)
  expect(await first.next()).toMatchObject({ value: { data: { orderStatus: { revision: 0 } } } })
  await happened.ended(ann)
  await expect(first.next()).rejects.toMatchObject({ code: 4403 })
  await api.pay(order)
  const next = following(await bearer(ann, { session: 2 }), 0)
  expect(await next.next()).toMatchObject({
    value: { data: { orderStatus: { status: 'PAID', revision: 1 } } },
  })
  await next.return?.()
})
