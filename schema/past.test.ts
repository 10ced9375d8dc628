import { NO_STREAM } from '@eventstore/db-client'
import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { noon } from '../domain/controls.ts'
import type { UserId } from '../domain/ids.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { begin } from '../eventstore/metadata.ts'
import type { WalletEvent } from '../payments/events.ts'
import { wallet } from '../payments/wallet.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
/** Seconds after noon: the time at which the API lives. */
let clock = 0
const at = (seconds: number) => new Date(noon.getTime() + seconds * 1_000).toISOString()

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'past-'))
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
const ask = (query: string) => api.ask(admin, query, {}, { 'x-user-role': 'ADMIN' })

const openWallet = (user: UserId) =>
  api.ask(
    user,
    'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "open" }) { __typename ... on Wallet { id } } }',
  )
const deposit = (user: UserId, amount: number) =>
  api.ask(
    user,
    `mutation { deposit(input: { money: { amount: ${amount}, currency: "EUR" }, idempotencyKey: "${amount}" }) {
      ... on Wallet { consistencyToken } } }`,
  )

describe('an order', () => {
  it('is shown to admins as it was, which is as it was read then', async () => {
    const ann = person()
    const fields = `{ id customerId status price { amount currency } description paymentMethod
      failure { reason shortBy { amount } message } placedAt payBy revision consistencyToken }`
    clock = 10
    const { id } = await api.place(ann)
    const read = async () => {
      const query = `{ order(id: "${id}") ${fields} }`
      return (await ask(query)).data
    }
    await expect.poll(read, { timeout: 10_000 }).toMatchObject({ order: { status: 'AWAITING_PAYMENT' } })
    const waiting = await read()
    clock = 20
    await api.failShort(id, 40)
    await expect.poll(read, { timeout: 10_000 }).toMatchObject({ order: { status: 'FAILED' } })
    const failed = await read()

    const past = async (seconds: number) =>
      (await ask(`{ order(id: "${id}", at: "${at(seconds)}") ${fields} }`)).data
    expect(await past(9.999)).toEqual({ order: null })
    expect(await past(10)).toEqual(waiting)
    expect(await past(19.999)).toEqual(waiting)
    expect(await past(20)).toEqual(failed)
    expect(await past(1e9)).toEqual(failed)
  })

  it('is null at any time if it was never placed', async () => {
    const query = `{ order(id: "${randomUUID()}", at: "${at(0)}") { id } }`
    expect((await ask(query)).data).toEqual({ order: null })
  })
})

describe('a wallet', () => {
  it('is shown to admins as it was, in any time zone, whosever it is', async () => {
    const ann = person()
    clock = 100
    await openWallet(ann)
    clock = 200
    await deposit(ann, 500)
    const query = (moment: string) =>
      `{ wallet(userId: "${ann}", at: "${moment}") { id balance { amount currency } revision } }`
    const past = async (moment: string) => (await ask(query(moment))).data
    const held = (amount: number, revision: number) => ({
      wallet: { id: ann, balance: { amount, currency: 'EUR' }, revision },
    })
    expect(await past(at(99))).toEqual({ wallet: null })
    expect(await past(at(199))).toEqual(held(0, 0))
    expect(await past(at(200))).toEqual(held(500, 1))
    expect(await past('2026-01-02T13:03:19.999+01:00')).toEqual(held(0, 0))
    expect(await past('2026-01-02T13:03:20+01:00')).toEqual(held(500, 1))
  })

  it('is the admin’s own where no owner is named', async () => {
    clock = 300
    await openWallet(admin)
    expect(await ask(`{ wallet(at: "${at(300)}") { id } }`)).toMatchObject({
      data: { wallet: { id: admin } },
    })
  })

  it('answers for a stream of many pages', async () => {
    const ann = person()
    const cause = begin('request', ann)
    const opened = { currency: 'EUR', idempotencyKey: 'open', fingerprint: 'open' }
    const depositOf = (n: number): WalletEvent => ({
      type: 'FundsDeposited',
      data: { ownerId: ann, amount: 1, balance: n, idempotencyKey: `${n}`, fingerprint: `${n}` },
    })
    const events: readonly WalletEvent[] = [
      { type: 'WalletOpened', data: { ownerId: ann, ...opened } },
      ...Array.from({ length: 1_499 }, (_, index) => depositOf(index + 1)),
    ]
    await api.client.appendToStream(
      `wallet-${ann}`,
      events.map((event, n) => wallet.codec.encode(event, randomUUID(), new Date(at(n)), cause)),
      { expectedRevision: NO_STREAM },
    )
    const query = `{ wallet(userId: "${ann}", at: "${at(1_234)}") { balance { amount } revision } }`
    expect((await ask(query)).data).toEqual({ wallet: { balance: { amount: 1_234 }, revision: 1_234 } })
  })
})

it('needs no read model that is as new as the consistency token: the log always is', async () => {
  clock = 400
  const { id, consistencyToken } = await api.place(person())
  const answer = await api.ask(
    admin,
    `{ order(id: "${id}", at: "${at(400)}") { status } }`,
    {},
    { 'x-user-role': 'ADMIN', 'x-consistency-token': consistencyToken },
  )
  expect(answer.data).toEqual({ order: { status: 'AWAITING_PAYMENT' } })
})
