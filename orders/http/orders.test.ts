import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { anAdmin, restClient } from '../../tests/restClient.ts'
import type { RestClient, Who } from '../../tests/restClient.ts'
import { startRestServices } from '../../tests/restServices.ts'
import type { RestServices } from '../../tests/restServices.ts'
import { startNodes } from '../../tests/startNodes.ts'

let rest: RestServices
let client: RestClient
let stop: () => Promise<unknown>
beforeAll(async () => {
  const nodes = await startNodes()
  rest = await startRestServices(nodes)
  client = restClient(rest)
  stop = async () => {
    await rest.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

const book = { amount: 1_999, description: 'a book' }
const settled = async (who: Who, id: string, status: string) =>
  expect.poll(async () => (await client.ask(who, `GET /orders/${id}`)).body['status']).toBe(status)

describe('placing an order', () => {
  it('answers 201 with the order and where it is, which is paid by itself', async () => {
    const ann = await client.customer()
    const { status, headers, body, token } = await client.ask(ann, 'POST /orders', { body: book })
    expect(status).toBe(201)
    const path = `/orders/${z.string().parse(body['id'])}` as const
    expect(headers.get('location')).toBe(path)
    expect(body).toMatchObject({
      ...book,
      customer_id: ann.id,
      status: 'AWAITING_PAYMENT',
      currency: 'EUR',
      lines: [],
      payment_method: 'WALLET',
      links: { self: path, cancel: `${path}/cancel`, live: `${path}/ws` },
    })
    // Whoever gives back what it said sees at least that much.
    expect(await client.ask(ann, `GET ${path}`, { token })).toMatchObject({
      status: 200,
      body: { amount: 1_999 },
    })
    await settled(ann, z.string().parse(body['id']), 'PAID')
  })

  it('is done once for a key, and answers the same again, also what was refused', async () => {
    const ann = await client.customer()
    const first = await client.ask(ann, 'POST /orders', { key: 'k', body: book })
    const again = await client.ask(ann, 'POST /orders', { key: 'k', body: { ...book, currency: 'EUR' } })
    expect(again).toMatchObject({ status: 201, body: first.body, token: first.token })
    const other = await client.ask(ann, 'POST /orders', { key: 'k', body: { ...book, amount: 2_000 } })
    expect(other).toMatchObject({
      status: 409,
      body: {
        type: 'urn:problem-type:counterfoil:idempotency-conflict',
        title: 'Idempotency conflict',
        status: 409,
      },
    })
    expect((await client.ask(ann, 'GET /orders', { token: first.token })).body['items']).toHaveLength(1)
  })

  it('takes lines, whose prices are those of the catalogue', async () => {
    const ann = await client.customer()
    const lines = [
      { sku: 'basic', quantity: 1 },
      { sku: 'standard', quantity: 2 },
    ]
    const { status, body } = await client.ask(ann, 'POST /orders', { body: { lines } })
    expect({ status, body }).toMatchObject({
      status: 201,
      body: {
        amount: 999 + 2 * 2_999,
        lines: [
          { sku: 'basic', quantity: 1, unit_amount: 999, amount: 999 },
          { sku: 'standard', quantity: 2, unit_amount: 2_999, amount: 5_998 },
        ],
      },
    })
  })

  it.each([
    ['an amount that can’t be moved', { ...book, amount: 0 }, 'amount-out-of-range', {}],
    [
      'a product that there is not',
      { lines: [{ sku: 'No such', quantity: 1 }] },
      'unknown-product',
      { sku: 'No such' },
    ],
    [
      'too many of a product',
      { lines: [{ sku: 'basic', quantity: 1_001 }] },
      'quantity-out-of-range',
      { most: 1_000 },
    ],
    ['nothing', { lines: [] }, 'empty-order', {}],
  ])('is refused for %s by a problem of its own', async (_, body, kind, members) => {
    const {
      status,
      headers,
      body: problem,
    } = await client.ask({ id: randomUUID() }, 'POST /orders', { body })
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect({ status, problem }).toMatchObject({
      status: 422,
      problem: { type: `urn:problem-type:counterfoil:${kind}`, status: 422, ...members },
    })
  })

  it.each([
    ['an amount in words', { ...book, amount: '1999' }, 'body', 'amount'],
    ['a currency that there is not', { ...book, currency: 'QQQ' }, 'body', 'currency'],
    ['a blank description', { ...book, description: '  ' }, 'body', 'description'],
    ['a line without a sku', { lines: [{ quantity: 1 }] }, 'body', 'lines/0/sku'],
    ['an amount and lines', { ...book, lines: [] }, 'body', ''],
    ['no object', '[]', 'body', ''],
  ])('says what makes no sense: %s', async (_, body, place, name) => {
    const head = await rest.head()
    const { status, body: problem } = await client.ask({ id: randomUUID() }, 'POST /orders', { body })
    expect({ status, problem }).toMatchObject({
      status: 400,
      problem: { type: 'urn:problem-type:counterfoil:malformed-request', errors: [{ in: place, name }] },
    })
    expect(await rest.head()).toBe(head)
  })

  it('needs a key, a body, JSON, and not too much of it', async () => {
    const ann = { id: randomUUID() }
    expect(await client.ask(ann, 'POST /orders', { key: '', body: book })).toMatchObject({
      status: 400,
      body: { errors: [{ in: 'header', name: 'idempotency-key' }] },
    })
    expect(await client.ask(ann, 'POST /orders', { key: 'k'.repeat(129), body: book })).toMatchObject({
      status: 400,
    })
    expect(await client.ask(ann, 'POST /orders')).toMatchObject({ status: 400 })
    expect(await client.ask(ann, 'POST /orders', { body: '{"amount":' })).toMatchObject({ status: 400 })
    const text = { 'content-type': 'text/plain' }
    expect(await client.ask(ann, 'POST /orders', { body: 'a book', headers: text })).toMatchObject({
      status: 415,
    })
    const long = { ...book, description: 'b'.repeat(70_000) }
    expect(await client.ask(ann, 'POST /orders', { body: long })).toMatchObject({ status: 413 })
  })
})

describe('the list of orders', () => {
  it('is one’s own, newest first, by pages that stay as they are while orders arrive', async () => {
    const ann = await client.customer()
    const ids: string[] = []
    for (let n = 0; n < 3; n++) ids.unshift((await client.place(ann)).id)
    const { token } = await client.place(ann, { amount: 1, description: 'the newest' })
    const idsIn = (items: unknown) =>
      z
        .array(z.looseObject({ id: z.string() }))
        .parse(items)
        .map(({ id }) => id)

    const first = await client.ask(ann, 'GET /orders?limit=2', { token })
    expect(first.status).toBe(200)
    const cursor = z.string().parse(first.body['next_cursor'])
    expect(first.headers.get('link')).toBe(`</orders?limit=2&cursor=${cursor}>; rel="next"`)
    await client.place(ann)
    const second = await client.ask(ann, `GET /orders?limit=2&cursor=${cursor}`)
    expect([...idsIn(first.body['items']).slice(1), ...idsIn(second.body['items'])]).toEqual(ids)
    expect(second.body['next_cursor']).toBeNull()
    expect(second.headers.get('link')).toBeNull()
  })

  it('is of one status, where that is asked for', async () => {
    const ann = await client.customer(1_999)
    const paid = await client.place(ann)
    await settled(ann, paid.id, 'PAID')
    const failed = await client.place(ann)
    await settled(ann, failed.id, 'FAILED')
    const { body } = await client.ask(ann, 'GET /orders?status=FAILED')
    expect(body['items']).toMatchObject([
      {
        id: failed.id,
        failure: {
          reason: 'INSUFFICIENT_FUNDS',
          message: 'The wallet was short by 19.99 EUR.',
          short_by: { amount: 1_999, currency: 'EUR' },
        },
      },
    ])
  })

  it.each(['limit=0', 'limit=101', 'limit=x', 'status=paid', 'cursor=x', 'stat=PAID', 'customer_id=1'])(
    'can’t be asked for by %s',
    async (query) =>
      expect(await client.ask(anAdmin(), `GET /orders?${query}`)).toMatchObject({
        status: 400,
        body: { status: 400 },
      }),
  )
})

describe('cancelling an order', () => {
  it('is for its customer or an admin, until it is paid, and again', async () => {
    const ann = { id: randomUUID() }
    const { id } = await client.place(ann, { ...book, payment_method: 'CARD' })
    const cancelled = await client.ask(ann, `POST /orders/${id}/cancel`)
    expect(cancelled).toMatchObject({ status: 200, body: { id, status: 'CANCELLED' } })
    expect(await client.ask(ann, `POST /orders/${id}/cancel`, { key: '', body: {} })).toMatchObject({
      status: 200,
    })
    expect(await client.ask(ann, `GET /orders/${id}`, { token: cancelled.token })).toMatchObject({
      body: { status: 'CANCELLED' },
    })
    const another = await client.place(ann, { ...book, payment_method: 'CARD' })
    expect(await client.ask(anAdmin(), `POST /orders/${another.id}/cancel`)).toMatchObject({ status: 200 })
  })

  it('is refused once it is paid, or has failed', async () => {
    const ann = await client.customer(1_999)
    const paid = await client.place(ann)
    await settled(ann, paid.id, 'PAID')
    expect(await client.ask(ann, `POST /orders/${paid.id}/cancel`)).toMatchObject({
      status: 409,
      body: { type: 'urn:problem-type:counterfoil:order-already-paid' },
    })
    const failed = await client.place(ann)
    await settled(ann, failed.id, 'FAILED')
    expect(await client.ask(ann, `POST /orders/${failed.id}/cancel`)).toMatchObject({
      status: 409,
      body: { type: 'urn:problem-type:counterfoil:order-already-failed' },
    })
  })
})

it('a request is known by its id: the client’s, or a new one', async () => {
  const ann = { id: randomUUID() }
  const id = randomUUID()
  const known = await client.ask(ann, 'GET /orders', { headers: { 'x-request-id': id } })
  expect(known.headers.get('x-request-id')).toBe(id)
  const unknown = await client.ask(ann, 'GET /orders', { headers: { 'x-request-id': 'mine' } })
  expect(unknown.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
})
