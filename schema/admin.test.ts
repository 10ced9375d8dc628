import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { noon } from '../domain/controls.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
/** Seconds after noon: the time at which the API lives. */
let clock = 0
const at = (seconds: number) => new Date(noon.getTime() + seconds * 1_000).toISOString()
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'admin-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  api = await startTestApi({
    events: events.connectionString,
    documents: documents.connectionString,
    now: () => new Date(at(clock)),
  })
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

const admin = person()
const ask = async (query: string, variables: object, token: string) => {
  await api.caughtUp(token)
  return api.ask(admin, query, variables, { 'x-user-role': 'ADMIN', 'x-consistency-token': token })
}

const Connection = z.object({
  edges: z.array(z.object({ node: z.object({ id: z.string() }) })),
  pageInfo: z.object({
    hasNextPage: z.boolean(),
    hasPreviousPage: z.boolean(),
    endCursor: z.string().nullable(),
  }),
})

describe('every order', () => {
  const query = `query ($filter: OrderFilter, $first: Int, $after: String) {
    allOrders(filter: $filter, first: $first, after: $after) {
      edges { node { id customerId status } } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }`
  const page = async (variables: object, token: string) => {
    const { data } = await ask(query, variables, token)
    const { edges, pageInfo } = z.object({ allOrders: Connection }).parse(data).allOrders
    return { ids: edges.map(({ node }) => node.id), ...pageInfo }
  }

  it('is listed for admins, newest first, by customer, status and time of placing', async () => {
    const [ann, bob] = [person(), person()]
    const ids: string[] = []
    let token = ''
    for (const [index, customer] of [ann, bob, ann, bob].entries()) {
      clock = index
      const placed = await api.place(customer)
      ids.push(placed.id)
      token = placed.consistencyToken
    }
    const [first, second, third, fourth] = ids
    const listed = async (filter: object) => (await page({ filter }, token)).ids
    expect(await listed({})).toEqual(ids.toReversed())
    expect(await listed({ customerId: ann })).toEqual([third, first])
    expect(await listed({ from: at(1), to: at(3) })).toEqual([third, second])
    expect(await listed({ from: at(1), customerId: bob })).toEqual([fourth, second])
    expect(await listed({ status: 'PAID' })).toEqual([])
    expect(await listed({ status: 'REFUNDED' })).toEqual([])
    await api.pay(first ?? '')
    await expect.poll(() => listed({ status: 'PAID' }), { timeout: 10_000 }).toEqual([first])
    expect(await listed({ status: 'AWAITING_PAYMENT' })).toEqual([fourth, third, second])

    const newest = await page({ first: 3 }, token)
    expect(newest).toMatchObject({ ids: [fourth, third, second], hasNextPage: true, hasPreviousPage: false })
    const later = await api.place(ann)
    const next = await page({ first: 3, after: newest.endCursor }, later.consistencyToken)
    expect(next).toMatchObject({ ids: [first], hasNextPage: false, hasPreviousPage: true })
  })
})

describe('every wallet', () => {
  const query = `query ($first: Int, $after: String) {
    wallets(first: $first, after: $after) {
      edges { node { id balance { amount currency } } } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  }`
  const open = async (idempotencyKey: string) => {
    const user = person()
    const answer = await api.ask(
      user,
      `mutation { openWallet(input: { currency: "EUR", idempotencyKey: "${idempotencyKey}" }) {
        ... on Wallet { consistencyToken } } }`,
    )
    const { openWallet } = z
      .object({ openWallet: z.object({ consistencyToken: z.string() }) })
      .parse(answer.data)
    return { user, token: openWallet.consistencyToken }
  }

  it('is listed for admins, the newest first, on pages that stay as they are', async () => {
    const opened = [await open('1'), await open('2'), await open('3')]
    const users = opened.map(({ user }) => user).toReversed()
    const page = async (variables: object, token: string) => {
      const { data } = await ask(query, variables, token)
      const { edges, pageInfo } = z.object({ wallets: Connection }).parse(data).wallets
      return { ids: edges.map(({ node }) => node.id), ...pageInfo }
    }
    const first = await page({ first: 2 }, opened[2]?.token ?? '')
    expect(first).toMatchObject({ ids: users.slice(0, 2), hasNextPage: true, hasPreviousPage: false })
    const { token } = await open('4')
    const second = await page({ first: 2, after: first.endCursor }, token)
    expect(second).toMatchObject({ ids: users.slice(2), hasNextPage: false, hasPreviousPage: true })
  })
})

const Stats = z.object({
  stats: z.object({
    orders: z.array(z.object({ status: z.string(), count: z.int() })),
    money: z.array(z.record(z.string(), z.string())),
    consistencyToken: z.string(),
  }),
})

describe('the stats', () => {
  it('tell admins how things stand, as new as their token', async () => {
    const query =
      '{ stats { orders { status count } money { currency deposited debited refunded held paid } consistencyToken } }'
    const before = Stats.parse(
      (await ask(query, {}, (await api.place(person())).consistencyToken)).data,
    ).stats
    const ann = person()
    await api.ask(
      ann,
      'mutation { openWallet(input: { currency: "CHF", idempotencyKey: "open" }) { __typename } }',
    )
    const answer = await api.ask(
      ann,
      `mutation { deposit(input: { money: { amount: 9007199254740991, currency: "CHF" }, idempotencyKey: "all" }) {
        ... on Wallet { consistencyToken } } }`,
    )
    const { deposit } = z.object({ deposit: z.object({ consistencyToken: z.string() }) }).parse(answer.data)
    const after = Stats.parse((await ask(query, {}, deposit.consistencyToken)).data).stats
    expect(after.orders).toEqual(before.orders)
    expect(after.orders.map(({ status }) => status)).toEqual([
      'NEW',
      'AWAITING_PAYMENT',
      'PAID',
      'FAILED',
      'CANCELLED',
      'REFUNDED',
    ])
    expect(after.money).toEqual([
      {
        currency: 'CHF',
        deposited: '9007199254740991',
        debited: '0',
        refunded: '0',
        held: '9007199254740991',
        paid: '0',
      },
    ])
    expect(after.consistencyToken).toBe(deposit.consistencyToken)
  })
})
