import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ann, bob, orderId } from '../domain/controls.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { keeper, mutations, shopper, tokenIn } from './shopUnderTest.ts'
import { tokenOf } from '../service/opaque.ts'

let stop: () => Promise<unknown>
let api: TestApi
/** Of Ann's, and a token as new as it and her wallet. */
let order = ''
let token = ''
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'access-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  api = await startTestApi({ events: events.connectionString, documents: documents.connectionString })
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
  const open = 'mutation { openWallet(input: { currency: "EUR", idempotencyKey: "open" }) { __typename } }'
  await api.ask(ann, open)
  const placed = await api.place(ann)
  order = placed.id
  await keeper(api).receive('compass', 5)
  token = tokenIn(await shopper(api, ann).add('compass'))
  await api.caughtUp(token)
})
afterAll(() => stop())

const admin = person()
const WHO = {
  nobody: {},
  'its owner': { 'x-user-id': ann },
  'another user': { 'x-user-id': bob },
  'an admin': { 'x-user-id': admin, 'x-user-role': 'ADMIN' },
} as const
type Who = keyof typeof WHO

/** What an answer is: an error by its code, nothing, or something. */
const Answered = z.object({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z.array(z.object({ extensions: z.object({ code: z.string() }) })).optional(),
})
const outcome = async (who: Who, query: string, consistencyToken = token): Promise<string> => {
  const answer = await api.send({
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-consistency-token': consistencyToken, ...WHO[who] },
    body: JSON.stringify({ query: `{ answer: ${query} }` }),
  })
  const { data, errors } = Answered.parse(answer)
  return errors?.[0]?.extensions.code ?? (data?.['answer'] === null ? 'null' : 'an answer')
}

const everybody: Readonly<Record<Who, string>> = {
  nobody: 'UNAUTHENTICATED',
  'its owner': 'an answer',
  'another user': 'an answer',
  'an admin': 'an answer',
}
const owned = { ...everybody, 'another user': 'null' }
const forAdmins = { ...everybody, 'its owner': 'FORBIDDEN', 'another user': 'FORBIDDEN' }

const anOrder = () => `"${order}"`
const NOW = '"2999-01-01T00:00:00Z"'
const matrix: readonly (readonly [string, () => string, Readonly<Record<Who, string>>])[] = [
  ['me', () => 'me { id }', everybody],
  ['order', () => `order(id: ${anOrder()}) { id }`, owned],
  ['payment', () => `payment(orderId: ${anOrder()}) { status }`, owned],
  ['orderHistory', () => `orderHistory(id: ${anOrder()}) { text }`, owned],
  ['product', () => 'product(sku: "compass") { sku available }', everybody],
  ['products', () => 'products { edges { cursor } }', everybody],
  ['cart', () => 'cart { id }', everybody],
  ['what is available', () => 'stock(sku: "compass") { available }', everybody],
  ['stock by warehouse', () => 'stock(sku: "compass") { warehouses { warehouse } }', forAdmins],
  ['stock altogether', () => 'stock(sku: "compass") { total { onHand } }', forAdmins],
  ['orders', () => 'orders { edges { cursor } }', everybody],
  ['walletEntries', () => 'walletEntries { edges { cursor } }', everybody],
  ['wallet by its owner', () => `wallet(userId: "${ann}") { id }`, owned],
  ['order at a moment', () => `order(id: ${anOrder()}, at: ${NOW}) { id }`, forAdmins],
  ['wallet at a moment', () => `wallet(userId: "${ann}", at: ${NOW}) { id }`, forAdmins],
  ['allOrders', () => 'allOrders { edges { cursor } }', forAdmins],
  ['wallets', () => 'wallets { edges { cursor } }', forAdmins],
  ['stats', () => 'stats { consistencyToken }', forAdmins],
  ['projections', () => 'projections { name }', forAdmins],
]
const WHOM = ['nobody', 'its owner', 'another user', 'an admin'] as const satisfies readonly Who[]

describe.each(matrix)('%s', (_, query, expected) => {
  it.each(WHOM)('answers %s as it may', async (who) =>
    expect(await outcome(who, query())).toBe(expected[who]),
  )
})

describe.each(['receiveStock', 'correctStock'] as const)('%s', (field) => {
  // Nothing of it makes sense: who may do it is told so, and nobody else has it looked at.
  const input = { sku: 'compass', warehouse: '', quantity: 1, onHand: 1, reason: '', idempotencyKey: '' }
  const { quantity, onHand, reason, ...common } = input
  const given = field === 'receiveStock' ? { ...common, quantity } : { ...common, onHand, reason }
  it.each([
    ['nobody', 'UNAUTHENTICATED'],
    ['its owner', 'FORBIDDEN'],
    ['another user', 'FORBIDDEN'],
    ['an admin', 'BAD_INPUT'],
  ] as const)('answers %s as it may', async (who, code) => {
    const head = await api.head()
    const answer = await api.send({
      method: 'POST',
      headers: { 'content-type': 'application/json', ...WHO[who] },
      body: JSON.stringify({ query: mutations[field], variables: { input: given } }),
    })
    expect(answer.errors).toMatchObject([{ extensions: { code } }])
    expect(await api.head(), 'nothing is appended').toBe(head)
  })
})

it('everybody has a cart of their own', async () => {
  for (const user of [bob, admin]) {
    const cart = await shopper(api, user, { 'x-user-role': user === admin ? 'ADMIN' : 'USER' }).cart(token)
    expect(cart).toMatchObject({ id: user, items: [] })
  }
  expect(await shopper(api, ann).cart(token)).toMatchObject({ id: ann, items: [{ sku: 'compass' }] })
})

describe('who may not see it is not told whether it is there', () => {
  it.each([
    () => ['order', `(id: ${anOrder()}) { id }`, `(id: "${orderId(404)}") { id }`],
    () => ['payment', `(orderId: ${anOrder()}) { status }`, `(orderId: "${orderId(404)}") { status }`],
    () => ['orderHistory', `(id: ${anOrder()}) { text }`, `(id: "${orderId(404)}") { text }`],
    () => ['wallet', `(userId: "${ann}") { id }`, `(userId: "${person()}") { id }`],
    () => ['order', `(id: ${anOrder()}, at: ${NOW}) { id }`, `(id: "${orderId(404)}", at: ${NOW}) { id }`],
  ])('%#', async (of) => {
    const [field, foreign, missing] = of()
    const asBob = (args: string | undefined) =>
      api.ask(bob, `{ ${field}${args} }`, {}, { 'x-consistency-token': token })
    expect(await asBob(foreign)).toEqual(await asBob(missing))
  })

  it('and nobody but admins is kept waiting for what only they may see', async () => {
    const far = tokenOf(10n ** 15n)
    expect(await outcome('its owner', 'stats { consistencyToken }', far)).toBe('FORBIDDEN')
    expect(await outcome('its owner', `wallet(at: ${NOW}) { id }`, far)).toBe('FORBIDDEN')
    expect(await outcome('its owner', 'allOrders(first: 0) { edges { cursor } }', far)).toBe('FORBIDDEN')
  })
})
