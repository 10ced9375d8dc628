import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { anAdmin, restClient } from './restClient.ts'
import type { RestClient, RestRequest, Who } from './restClient.ts'
import { watchSocket } from './restSocket.ts'
import { startRestServices } from './restServices.ts'
import type { RestServices } from './restServices.ts'
import { startNodes } from './startNodes.ts'

let rest: RestServices
let client: RestClient
let stop: () => Promise<unknown>
/** An order of Ann's that waits for a card, as do others of hers. */
let order: string
let token: string

const ann: Who = { id: randomUUID() }
const WHO = {
  nobody: undefined,
  'its owner': ann,
  'another user': { id: randomUUID() },
  'an admin': anAdmin(),
} as const
type Name = keyof typeof WHO

const byCard = { amount: 1_999, description: 'a book', payment_method: 'CARD' }

beforeAll(async () => {
  const nodes = await startNodes()
  rest = await startRestServices(nodes)
  client = restClient(rest)
  stop = async () => {
    await rest.stop()
    await nodes.stop()
  }
  await client.ask(ann, 'POST /accounts', { key: 'open' })
  ;({ id: order, token } = await client.place(ann, byCard))
})
afterAll(() => stop())

type Ask = () => readonly [`${'GET' | 'POST'} /${string}`, RestRequest?]
const everybody = { nobody: 401, 'its owner': 200, 'another user': 200, 'an admin': 200 }
const owned = { ...everybody, 'another user': 404 }

/** Each operation as it is asked for, and how it answers whom. */
const matrix: readonly (readonly [string, Ask, Readonly<Record<Name, number>>])[] = [
  ['list orders', () => ['GET /orders'], everybody],
  [
    'list the orders of somebody',
    () => [`GET /orders?customer_id=${ann.id}`],
    { ...everybody, 'its owner': 403, 'another user': 403 },
  ],
  ['look up an order', () => [`GET /orders/${order}`, { token }], owned],
  ['look up a payment', () => [`GET /payments/${order}`, { token }], owned],
  ['look up a balance', () => [`GET /accounts/balance?user_id=${ann.id}`], owned],
  [
    'place an order',
    () => ['POST /orders', { body: byCard }],
    { nobody: 401, 'its owner': 201, 'another user': 201, 'an admin': 201 },
  ],
  [
    'open an account',
    () => ['POST /accounts', { key: 'open' }],
    { nobody: 401, 'its owner': 201, 'another user': 201, 'an admin': 201 },
  ],
  ['deposit', () => ['POST /accounts/deposit', { body: { amount: 1 } }], everybody],
  [
    'pay by card, which is for the customer alone; there is no card processor here',
    () => ['POST /payments/intent', { body: { order_id: order } }],
    { nobody: 401, 'its owner': 503, 'another user': 404, 'an admin': 404 },
  ],
  // Last: whoever may do it has done it for all.
  ['cancel an order', () => [`POST /orders/${order}/cancel`], owned],
]
const NAMES = ['nobody', 'its owner', 'another user', 'an admin'] as const satisfies readonly Name[]

describe.each(matrix)('%s', (_, asked, expected) => {
  it.each(NAMES)('answers %s as it may', async (name) => {
    const head = await rest.head()
    const [what, request] = asked()
    const { status, headers, body } = await client.ask(WHO[name], what, request)
    expect(status).toBe(expected[name])
    if (status < 400) return
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(body).toMatchObject({ status })
    expect(headers.get('www-authenticate')).toBe(status === 401 ? 'X-User-ID realm="counterfoil"' : null)
    expect(await rest.head()).toBe(head)
  })
})

describe('watching an order', () => {
  it.each([
    ['nobody', 401],
    ['its owner', 101],
    ['another user', 404],
    // As in GraphQL: what is live is one's own.
    ['an admin', 404],
  ] as const)('answers %s as it may', async (name, status) => {
    const who = WHO[name]
    const { answered } = watchSocket(client.socketUrl(order), who && client.identity(who))
    expect(await answered).toBe(status)
  })
})

describe('what is somebody else’s', () => {
  const other = { id: randomUUID() }
  it.each(['GET /orders/', 'GET /payments/', 'POST /orders/'] as const)(
    'answers exactly as what does not exist: %s',
    async (prefix) => {
      const suffix = prefix.startsWith('POST') ? '/cancel' : ''
      const theirs = await client.ask(other, `${prefix}${order}${suffix}`)
      const none = await client.ask(other, `${prefix}${randomUUID()}${suffix}`)
      expect(theirs.status).toBe(404)
      expect(theirs.body).toEqual(none.body)
    },
  )
})

it.each(['healthz', 'readyz', 'openapi.json'] as const)('%s is for everybody', async (path) => {
  for (const url of [rest.orders, rest.payments]) expect((await fetch(`${url}/${path}`)).status).toBe(200)
})
