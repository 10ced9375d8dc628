import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { restClient } from '../../tests/restClient.ts'
import type { RestClient } from '../../tests/restClient.ts'
import { startRestServices } from '../../tests/restServices.ts'
import { startNodes } from '../../tests/startNodes.ts'

let client: RestClient
/** Where nothing is projected, and people may do two things a second. */
let lagging: RestClient
let stop: () => Promise<unknown>
beforeAll(async () => {
  const nodes = await startNodes()
  const rest = await startRestServices(nodes)
  client = restClient(rest)
  const idle = { projecting: false, charging: false, ratePerSecond: 2 }
  const slow = await startRestServices({ ...nodes, ...idle })
  lagging = restClient(slow)
  stop = async () => {
    await rest.stop()
    await slow.stop()
    await nodes.stop()
  }
})
afterAll(() => stop())

describe('an account', () => {
  it('is opened once, in the shop’s currency if none is named', async () => {
    const ann = { id: randomUUID() }
    const opened = await client.ask(ann, 'POST /accounts', { key: 'open' })
    expect(opened).toMatchObject({ status: 201, body: { id: ann.id, balance: 0, currency: 'EUR' } })
    expect(opened.headers.get('location')).toBe('/accounts/balance')
    expect(await client.ask(ann, 'POST /accounts', { key: 'open', body: {} })).toMatchObject({
      status: 201,
      body: opened.body,
    })
    expect(await client.ask(ann, 'POST /accounts', { key: 'open', body: { currency: 'USD' } })).toMatchObject(
      {
        status: 409,
        body: { type: 'urn:problem-type:counterfoil:idempotency-conflict' },
      },
    )
    expect(await client.ask(ann, 'POST /accounts')).toMatchObject({
      status: 409,
      body: { type: 'urn:problem-type:counterfoil:wallet-exists', title: 'Wallet exists' },
    })
  })

  it('takes deposits, each once', async () => {
    const ann = await client.customer(0)
    const body = { amount: 500 }
    const first = await client.ask(ann, 'POST /accounts/deposit', { key: 'a', body })
    expect(first).toMatchObject({ status: 200, body: { balance: 500, currency: 'EUR' } })
    await client.ask(ann, 'POST /accounts/deposit', { key: 'b', body })
    expect(await client.ask(ann, 'POST /accounts/deposit', { key: 'a', body })).toMatchObject({
      body: first.body,
    })
    const { token } = await client.ask(ann, 'POST /accounts/deposit', { key: 'c', body })
    expect(await client.ask(ann, 'GET /accounts/balance', { token })).toMatchObject({
      status: 200,
      body: { id: ann.id, balance: 1_500 },
    })
  })

  it('refuses what it can’t take', async () => {
    const ann = await client.customer(1)
    const deposit = (body: object) => client.ask(ann, 'POST /accounts/deposit', { body })
    expect(await deposit({ amount: 5, currency: 'USD' })).toMatchObject({
      status: 422,
      body: { type: 'urn:problem-type:counterfoil:wrong-currency', currency: 'EUR' },
    })
    for (const amount of [0, -5, Number.MAX_SAFE_INTEGER])
      expect(await deposit({ amount })).toMatchObject({
        status: 422,
        body: { type: 'urn:problem-type:counterfoil:amount-out-of-range' },
      })
    for (const body of [{}, { amount: 1.5 }, { amount: 5, to: 'me' }])
      expect(await deposit(body)).toMatchObject({ status: 400 })
    const bob = { id: randomUUID() }
    expect(await client.ask(bob, 'POST /accounts/deposit', { body: { amount: 5 } })).toMatchObject({
      status: 404,
      body: { type: 'urn:problem-type:counterfoil:no-wallet' },
    })
    expect(await client.ask(bob, 'GET /accounts/balance')).toMatchObject({ status: 404 })
  })
})

it('a payment is that of its order, and tells what caused each change', async () => {
  const ann = await client.customer(1_999)
  const { id } = await client.place(ann)
  const payment = async () => (await client.ask(ann, `GET /payments/${id}`)).body
  await expect.poll(payment).toMatchObject({
    id,
    order_id: id,
    customer_id: ann.id,
    status: 'SUCCEEDED',
    method: 'WALLET',
    amount: 1_999,
    currency: 'EUR',
    history: [
      { status: 'PENDING', cause: 'order placed' },
      { status: 'SUCCEEDED', cause: 'wallet debited' },
    ],
  })
  const poor = await client.place(ann)
  await expect
    .poll(async () => (await client.ask(ann, `GET /payments/${poor.id}`)).body)
    .toMatchObject({ status: 'FAILED', failure: { short_by: { amount: 1_999, currency: 'EUR' } } })
})

it('an order that is paid from a wallet has no payment by card', async () => {
  const ann = await client.customer(0)
  const { id } = await client.place(ann)
  expect(await client.ask(ann, 'POST /payments/intent', { body: { order_id: id } })).toMatchObject({
    status: 422,
    body: { type: 'urn:problem-type:counterfoil:order-not-by-card' },
  })
})

it('who does too much in a second is told when to come again', async () => {
  const ann = { id: randomUUID() }
  for (let n = 0; n < 2; n++) await lagging.ask(ann, 'POST /accounts')
  const limited = await lagging.ask(ann, 'POST /accounts', { body: 'malformed', key: '' })
  expect(limited).toMatchObject({ status: 429, body: { status: 429 } })
  expect(limited.headers.get('retry-after')).toBe('1')
  expect((await lagging.ask({ id: randomUUID() }, 'POST /accounts')).status).toBe(201)
})

it('an answer that can’t be as new as it should be is not given, and is asked for again', async () => {
  const ann = { id: randomUUID() }
  const { token } = await lagging.ask(ann, 'POST /accounts')
  const late = await lagging.ask(ann, 'GET /accounts/balance', { token })
  expect(late).toMatchObject({ status: 503, body: { type: 'about:blank', status: 503 } })
  expect(late.headers.get('retry-after')).toBe('1')
  expect(await lagging.ask(ann, 'GET /accounts/balance', { token: 'mine' })).toMatchObject({ status: 400 })
})
