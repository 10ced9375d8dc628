import type { Client } from 'graphql-ws'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { UserId } from '../../domain/ids.ts'
import { EventStoreDBNode } from '../../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../../embedded/mongodb/node.ts'
import { person, startTestApi } from '../apiUnderTest.ts'
import type { TestApi } from '../apiUnderTest.ts'

let stop: () => Promise<unknown>
let api: TestApi
/** Another instance of the API, on the same servers. */
let other: TestApi
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
  other = await startTestApi({ ...servers, projecting: false })
  stop = async () => {
    await api.stop()
    await other.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

let keys = 0

const Updates = z.record(z.string(), z.looseObject({ revision: z.int() }))
type Update = z.infer<typeof Updates>[string]

/** The updates of a subscription with one field, as they come. */
async function* watching(socket: Client, query: string, variables: Record<string, unknown> = {}) {
  for await (const { data, errors } of socket.iterate({ query, variables })) {
    if (errors) throw new Error(String(errors[0]?.extensions?.['code']), { cause: errors })
    for (const update of Object.values(Updates.parse(data))) yield update
  }
}

const orderStatus = `subscription ($id: ID!, $after: Int) {
  orderStatus(orderId: $id, afterRevision: $after) {
    status revision failure { reason message shortBy { amount currency } }
  }
}`
const ordersOf = `subscription { myOrders { orderId status revision failure { shortBy { amount currency } } } }`
const balance = `subscription { walletBalance { balance { amount currency } revision } }`

const collect = async (updates: AsyncIterable<Update>, count = Infinity) => {
  const seen: Update[] = []
  for await (const update of updates) if (seen.push(update) === count) break
  return seen
}
const statuses = (seen: readonly Update[]) => seen.map(({ status }) => status)

describe('the status of an order', () => {
  it('is shown at once, also right after it was placed, and then as it changes', async () => {
    const ann = person()
    const { id } = await api.place(ann)
    const updates = watching(api.socket(ann), orderStatus, { id })
    expect((await updates.next()).value).toMatchObject({ status: 'AWAITING_PAYMENT', revision: 0 })
    await api.pay(id)
    expect((await updates.next()).value).toMatchObject({ status: 'PAID', revision: 1 })
    await updates.return()
  })

  it('is the same on another instance', async () => {
    const ann = person()
    const { id } = await api.place(ann)
    const updates = watching(other.socket(ann), orderStatus, { id })
    expect((await updates.next()).value).toMatchObject({ status: 'AWAITING_PAYMENT' })
    await api.pay(id)
    expect((await updates.next()).value).toMatchObject({ status: 'PAID' })
    await updates.return()
  })

  it('ends with a failure, which says by how much money was short', async () => {
    const ann = person()
    const { id } = await api.place(ann)
    const watched = collect(watching(api.socket(ann), orderStatus, { id }))
    await api.failShort(id, 3)
    expect((await watched).at(-1)).toMatchObject({
      status: 'FAILED',
      failure: { reason: 'INSUFFICIENT_FUNDS', shortBy: { amount: 3, currency: 'EUR' } },
    })
  })

  it('goes on after the revision that was seen last', async () => {
    const ann = person()
    const { id } = await api.place(ann)
    await api.failShort(id, 3)
    const watched = (after: number) => collect(watching(api.socket(ann), orderStatus, { id, after }))
    expect(statuses(await watched(-1))).toEqual(['AWAITING_PAYMENT', 'FAILED'])
    expect(statuses(await watched(0))).toEqual(['FAILED'])
    expect(await watched(1)).toEqual([])
  })

  it('is shown once, in order, without a gap, whenever one of many subscribers comes', async () => {
    const ann = person()
    const sockets = [api.socket(ann), other.socket(ann)]
    const watch = async (n: number) => {
      const { id } = await api.place(ann)
      const paying = n % 3 === 0 ? api.pay(id) : undefined
      const updates = watching(sockets[n % 2] ?? api.socket(ann), orderStatus, { id, after: -1 })
      const paid = paying ?? api.pay(id)
      const seen = await collect(updates, 2)
      await paid
      return seen
    }
    for (const seen of await Promise.all(Array.from({ length: 100 }, (_, n) => watch(n))))
      expect(seen.map(({ status, revision }) => [status, revision])).toEqual([
        ['AWAITING_PAYMENT', 0],
        ['PAID', 1],
      ])
  })

  it('is UNAVAILABLE while the read model is not as new as the order', async () => {
    const lagging = await startTestApi({ ...servers, database: 'lagging', projecting: false })
    try {
      const ann = person()
      const { id } = await api.place(ann)
      const updates = watching(lagging.socket(ann), orderStatus, { id })
      await expect(updates.next()).rejects.toThrow('UNAVAILABLE')
      expect(lagging.hub.watchers()).toBe(0)
    } finally {
      await lagging.stop()
    }
  })
})

describe('all orders of a customer', () => {
  it('are shown with every status from now on, and nobody else’s', async () => {
    const [ann, bob] = [person(), person()]
    const updates = watching(api.socket(ann), ordersOf)
    const watched = collect(updates, 3)
    await expect.poll(() => api.hub.watchers()).toBeGreaterThan(0)
    await api.place(bob)
    const { id } = await api.place(ann)
    await api.failShort(id, 5)
    await api.place(ann)
    expect(await watched).toMatchObject([
      { orderId: id, status: 'AWAITING_PAYMENT' },
      { orderId: id, status: 'FAILED', failure: { shortBy: { amount: 5, currency: 'EUR' } } },
      { status: 'AWAITING_PAYMENT' },
    ])
  })
})

describe('a balance', () => {
  const deposit = (user: UserId, amount: number) =>
    api.ask(
      user,
      `mutation ($amount: MinorUnits!, $key: String!) {
        deposit(input: { money: { amount: $amount, currency: "EUR" }, idempotencyKey: $key }) { __typename }
      }`,
      { amount, key: `key ${keys++}` },
    )

  it('is shown from the opening of the wallet on', async () => {
    const ann = person()
    const updates = watching(api.socket(ann), balance)
    const watched = collect(updates, 3)
    await expect.poll(() => api.hub.watchers()).toBeGreaterThan(0)
    await api.ask(
      ann,
      'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "k" }) { __typename } }',
    )
    await deposit(ann, 5)
    await deposit(ann, 7)
    const amounts = (await watched).map(({ balance, revision }) => [balance, revision])
    expect(amounts).toEqual([0, 5, 12].map((amount, revision) => [{ amount, currency: 'EUR' }, revision]))

    const later = watching(api.socket(ann), balance)
    expect((await later.next()).value).toMatchObject({ balance: { amount: 12 }, revision: 2 })
    await deposit(ann, 1)
    expect((await later.next()).value).toMatchObject({ balance: { amount: 13, currency: 'EUR' } })
    await later.return()
  })
})
