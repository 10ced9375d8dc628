import { randomUUID } from 'node:crypto'
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
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'history-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  api = await startTestApi({
    events: events.connectionString,
    documents: documents.connectionString,
    charging: true,
    // History is read from the log: it is there whether read models are or not.
    projecting: false,
  })
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
})
afterAll(() => stop())

const Told = z.object({
  kind: z.string(),
  text: z.string(),
  actor: z.string(),
  at: z.iso.datetime(),
  event: z
    .object({
      type: z.string(),
      stream: z.string(),
      revision: z.int(),
      actor: z.string(),
      correlationId: z.uuid(),
    })
    .nullable(),
})
const Answer = z.object({ orderHistory: z.array(Told).nullable() })

const ask = async (user: UserId, id: string, headers = {}) => {
  const query = `{ orderHistory(id: "${id}") {
    kind text actor at event { type stream revision actor correlationId }
  } }`
  return Answer.parse((await api.ask(user, query, {}, headers)).data).orderHistory
}
const asAdmin = { 'x-user-role': 'ADMIN' }

const fill = async (user: UserId, ...amounts: readonly number[]) => {
  await api.ask(
    user,
    'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "open" }) { __typename } }',
  )
  for (const amount of amounts)
    await api.ask(
      user,
      `mutation { deposit(input: { money: { amount: ${amount}, currency: "EUR" },
        idempotencyKey: "${randomUUID()}" }) { __typename } }`,
    )
}
const historyOf = async (user: UserId, id: string, ending: string) => {
  await expect.poll(async () => (await ask(user, id))?.at(-1)?.kind, { timeout: 15_000 }).toBe(ending)
  return (await ask(user, id)) ?? []
}
const textsOf = (told: readonly z.infer<typeof Told>[]) => told.map(({ text }) => text)

describe('the history of an order', () => {
  it('tells its customer in words how it came to be paid', async () => {
    const ann = person()
    await fill(ann, 1_000)
    const { id } = await api.place(ann)
    const told = await historyOf(ann, id, 'PAID')
    expect(told.map(({ text, actor, event }) => [text, actor, event])).toEqual([
      ['The order was placed, for 7.00 EUR.', 'you', null],
      ['The wallet was charged 7.00 EUR.', 'the system', null],
      ['The payment of 7.00 EUR succeeded.', 'the system', null],
      ['The order is paid.', 'the system', null],
    ])
    expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).toSorted())
  })

  it('tells by how much the wallet was short', async () => {
    const ann = person()
    await fill(ann, 1, 659)
    const { id } = await api.place(ann)
    expect(textsOf(await historyOf(ann, id, 'FAILED'))).toEqual([
      'The order was placed, for 7.00 EUR.',
      'The wallet was not charged: the wallet was short by 0.40 EUR.',
      'The payment failed: the wallet was short by 0.40 EUR.',
      'The order failed: the wallet was short by 0.40 EUR.',
    ])
  })

  it('tells of a wallet that was never opened', async () => {
    const ann = person()
    const { id } = await api.place(ann)
    expect(textsOf(await historyOf(ann, id, 'FAILED'))[1]).toBe(
      'The wallet was not charged: there was no wallet.',
    )
  })

  it('finds each order’s own verdict in a wallet that has many', async () => {
    const ann = person()
    await fill(ann, ...Array.from({ length: 30 }, (_, n) => n + 1), 1_435)
    const first = await api.place(ann)
    await historyOf(ann, first.id, 'PAID')
    const second = await api.place(ann)
    await historyOf(ann, second.id, 'PAID')
    const third = await api.place(ann)
    await historyOf(ann, third.id, 'FAILED')
    await fill(ann, ...Array.from({ length: 30 }, (_, n) => n + 1))
    const verdicts = [first, second, third].map(async ({ id }) => textsOf((await ask(ann, id)) ?? [])[1])
    expect(await Promise.all(verdicts)).toEqual([
      'The wallet was charged 7.00 EUR.',
      'The wallet was charged 7.00 EUR.',
      'The wallet was not charged: the wallet was short by 2.00 EUR.',
    ])
  })

  it('tells admins where each event stands, and who caused it by id', async () => {
    const ann = person()
    await fill(ann, 1_000)
    const { id } = await api.place(ann)
    await historyOf(ann, id, 'PAID')
    const told = (await ask(person(), id, asAdmin)) ?? []
    expect(told.map(({ actor, event }) => [actor, event?.type, event?.stream, event?.revision, event?.actor]))
      // What the customer did, and what followed from it in three streams.
      .toEqual([
        ['the customer', 'OrderPlaced', `order-${id}`, 0, ann],
        ['the system', 'FundsDebited', `wallet-${ann}`, 2, 'payments'],
        ['the system', 'PaymentSucceeded', `payment-${id}`, 0, 'payments'],
        ['the system', 'OrderPaid', `order-${id}`, 1, 'orders'],
      ])
    expect(new Set(told.map(({ event }) => event?.correlationId)).size).toBe(1)
  })

  it('of somebody else’s order is null, as if there were none', async () => {
    const { id } = await api.place(person())
    expect(await ask(person(), id)).toBeNull()
    expect(await ask(person(), randomUUID())).toBeNull()
    expect(await ask(person(), randomUUID(), asAdmin)).toBeNull()
  })
})
