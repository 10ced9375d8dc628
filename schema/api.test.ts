import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { UserId } from '../domain/ids.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { order } from '../orders/order.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
let servers: { events: string; documents: string }
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'api-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  servers = { events: events.connectionString, documents: documents.connectionString }
  api = await startTestApi(servers)
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

const openWallet = (user: UserId, idempotencyKey = 'open', currency = 'EUR') =>
  api.ask(
    user,
    `mutation ($input: OpenWalletInput!) { openWallet(input: $input) {
      __typename ... on Wallet { id balance { amount currency } revision consistencyToken } ... on Refusal { message }
    } }`,
    { input: { currency, idempotencyKey } },
  )
const deposit = (user: UserId, amount: number, idempotencyKey = `key ${amount}`) =>
  api.ask(
    user,
    `mutation ($input: DepositInput!) { deposit(input: $input) {
      __typename ... on Wallet { balance { amount currency } revision consistencyToken } ... on Refusal { message }
    } }`,
    { input: { money: { amount, currency: 'EUR' }, idempotencyKey } },
  )
const placeOrder = (user: UserId, idempotencyKey: string) =>
  api.ask(
    user,
    `mutation ($input: PlaceOrderInput!) { placeOrder(input: $input) {
      __typename
      ... on Order { id status price { amount currency } description placedAt payBy revision consistencyToken }
      ... on Refusal { message }
    } }`,
    { input: { price: { amount: 700, currency: 'EUR' }, description: idempotencyKey, idempotencyKey } },
  )
const Token = z.record(z.string(), z.looseObject({ consistencyToken: z.string() }))
const tokenIn = ({ data }: { data?: unknown }): string =>
  Object.values(Token.parse(data))[0]?.consistencyToken ?? ''
const withToken = (token: string) => ({ 'x-consistency-token': token })

describe('a wallet', () => {
  it('is opened, filled and read, as new as the last answer', async () => {
    const ann = person()
    expect(await openWallet(ann)).toMatchObject({
      data: { openWallet: { id: ann, balance: { amount: 0, currency: 'EUR' }, revision: 0 } },
    })
    await deposit(ann, 500)
    const deposited = await deposit(ann, 1_000)
    expect(deposited).toMatchObject({ data: { deposit: { balance: { amount: 1_500 }, revision: 2 } } })
    const query = `{
      wallet { id balance { amount currency } revision }
      walletEntries(first: 1) { edges { node { kind amount { amount currency } balance { amount } } } pageInfo { hasNextPage } }
    }`
    expect((await api.ask(ann, query, {}, withToken(tokenIn(deposited)))).data).toEqual({
      wallet: { id: ann, balance: { amount: 1_500, currency: 'EUR' }, revision: 2 },
      walletEntries: {
        edges: [
          {
            node: { kind: 'DEPOSIT', amount: { amount: 1_000, currency: 'EUR' }, balance: { amount: 1_500 } },
          },
        ],
        pageInfo: { hasNextPage: true },
      },
    })
  })

  it('answers a repeated request as the first time, whatever came after it', async () => {
    const ann = person()
    const opened = await openWallet(ann)
    const first = await deposit(ann, 5)
    await deposit(ann, 6)
    const { revision, balance } = z
      .object({ deposit: z.looseObject({ revision: z.int(), balance: z.unknown() }) })
      .parse(first.data).deposit
    expect(await deposit(ann, 5)).toMatchObject({ data: { deposit: { revision, balance } } })
    const repeated = await openWallet(ann)
    expect(repeated).toMatchObject({ data: { openWallet: { revision: 0, balance: { amount: 0 } } } })
    expect(opened.status).toBe(repeated.status)
  })

  it('is null, with an empty ledger, for whoever has none', async () => {
    const query = '{ wallet { id } walletEntries { edges { cursor } pageInfo { hasNextPage endCursor } } }'
    expect((await api.ask(person(), query)).data).toEqual({
      wallet: null,
      walletEntries: { edges: [], pageInfo: { hasNextPage: false, endCursor: null } },
    })
  })
})

describe('an order', () => {
  it('is placed, and answers a repeated request as the first time, also when it is paid', async () => {
    const ann = person()
    const placed = await placeOrder(ann, 'a book')
    expect(placed).toMatchObject({
      data: { placeOrder: { status: 'AWAITING_PAYMENT', price: { amount: 700 }, description: 'a book' } },
    })
    const { id } = z.object({ placeOrder: z.looseObject({ id: z.uuid() }) }).parse(placed.data).placeOrder
    await api.pay(id)
    const { consistencyToken: _, ...first } = z
      .object({ placeOrder: z.looseObject({ consistencyToken: z.string() }) })
      .parse(placed.data).placeOrder
    const repeated = await placeOrder(ann, 'a book')
    expect(repeated).toMatchObject({ data: { placeOrder: first } })

    const query = `{ order(id: "${id}") { status revision failure { reason } }
      orders(status: PAID) { edges { node { id } } }  none: orders(status: REFUNDED) { edges { node { id } } } }`
    expect((await api.ask(ann, query, {}, withToken(tokenIn(repeated)))).data).toEqual({
      order: { status: 'PAID', revision: 1, failure: null },
      orders: { edges: [{ node: { id } }] },
      none: { edges: [] },
    })
  })

  it('can be traced to the request that placed it', async () => {
    const ann = person()
    const requestId = randomUUID()
    const query = `mutation { placeOrder(input: { price: { amount: 7, currency: "EUR" }, description: "a pen",
      idempotencyKey: "pen" }) { ... on Order { id } } }`
    const { data } = await api.ask(ann, query, {}, { 'x-request-id': requestId.toUpperCase() })
    const { id } = z.object({ placeOrder: z.object({ id: z.uuid() }) }).parse(data).placeOrder
    for await (const { metadata } of readForwards(api.client, streamOf(order, id), 0))
      expect(metadata).toMatchObject({ $correlationId: requestId, $causationId: requestId, actor: ann })
  })

  it('is listed newest first, on pages that stay as they are while orders are added', async () => {
    const ann = person()
    for (const name of ['1', '2', '3', '4', '5']) await placeOrder(ann, name)
    const token = tokenIn(await placeOrder(ann, '5'))
    const Page = z.object({
      orders: z.object({
        edges: z.array(z.object({ node: z.object({ description: z.string() }) })),
        pageInfo: z.object({
          hasNextPage: z.boolean(),
          hasPreviousPage: z.boolean(),
          endCursor: z.string(),
        }),
      }),
    })
    const page = async (after: string | undefined, token: string) => {
      const query = `query ($after: String) { orders(first: 2, after: $after) {
        edges { node { description } } pageInfo { hasNextPage hasPreviousPage endCursor }
      } }`
      const { orders } = Page.parse((await api.ask(ann, query, { after }, withToken(token))).data)
      return { names: orders.edges.map(({ node }) => node.description), ...orders.pageInfo }
    }
    const first = await page(undefined, token)
    expect(first).toMatchObject({ names: ['5', '4'], hasNextPage: true, hasPreviousPage: false })
    const later = tokenIn(await placeOrder(ann, '6'))
    const second = await page(first.endCursor, later)
    expect(second).toMatchObject({ names: ['3', '2'], hasNextPage: true, hasPreviousPage: true })
    expect(await page(second.endCursor, later)).toMatchObject({ names: ['1'], hasNextPage: false })
  })
})

describe('by configuration', () => {
  it('a user who does too much at once is told when to come again', async () => {
    const slow = await startTestApi({ ...servers, ratePerSecond: 1, projecting: false })
    try {
      const ann = person()
      const query = 'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "k" }) { __typename } }'
      const [, second] = await Promise.all([slow.ask(ann, query), slow.ask(ann, query)])
      const { errors } = second ?? {}
      expect(errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED' } }])
      expect(errors?.[0]?.extensions['retryAfter']).toBeGreaterThan(0)
      expect((await slow.ask(ann, '{ me { id } }')).data).toEqual({ me: { id: ann } })
    } finally {
      await slow.stop()
    }
  })

  it('the schema is not told', async () => {
    const silent = await startTestApi({ ...servers, introspection: false, projecting: false })
    try {
      const { data, errors } = await silent.ask(person(), '{ __schema { queryType { name } } }')
      expect(data).toBeUndefined()
      expect(errors?.[0]?.extensions.code).toBe('BAD_INPUT')
    } finally {
      await silent.stop()
    }
  })
})

describe('a browser', () => {
  it('is given GraphiQL, with nothing to be fetched from elsewhere', async () => {
    const response = await fetch(api.url, { headers: { accept: 'text/html' } })
    expect(response.headers.get('content-type')).toContain('text/html')
    const page = await response.text()
    expect(page).toContain('Counterfoil')
    expect(page).not.toMatch(/(src|href)="?https?:/)
    expect(page).not.toContain('unpkg.com')
  })
})
