import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { ann, bob, orderId } from '../domain/controls.ts'
import { EventStoreDBNode } from '../embedded/eventstoredb/node.ts'
import { MongoDBNode } from '../embedded/mongodb/node.ts'
import { startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'
import { badQueries, refusedTopUps } from './badQueries.ts'
import type { Asking } from './badQueries.ts'
import { badShopping, refusedShopping } from './badShopping.ts'
import { cursorOf, tokenOf } from '../service/opaque.ts'

let stop: () => Promise<unknown>
let api: TestApi
let foreignOrder: string
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'api-'))
  const events = await EventStoreDBNode.start()
  const documents = await MongoDBNode.start({ db: folder })
  api = await startTestApi({ events: events.connectionString, documents: documents.connectionString })
  stop = async () => {
    await api.stop()
    await events.stop()
    await documents.stop()
    await rm(folder, { recursive: true })
  }
  await api.ask(ann, openWallet, { input: { currency: 'EUR', idempotencyKey: 'open' } })
  await api.ask(ann, deposit, { input: { money: { amount: 5, currency: 'EUR' }, idempotencyKey: 'five' } })
  const placed = await api.ask(bob, placeOrder, { input: orderOf() })
  const { order } = z
    .object({ order: z.object({ id: z.string(), consistencyToken: z.string() }) })
    .parse(placed.data)
  foreignOrder = order.id
  await api.ask(bob, '{ orders { edges { cursor } } }', {}, { 'x-consistency-token': order.consistencyToken })
})
afterAll(() => stop())

const openWallet =
  'mutation ($input: OpenWalletInput!) { answer: openWallet(input: $input) { __typename ... on Refusal { message } } }'
const deposit =
  'mutation ($input: DepositInput!) { answer: deposit(input: $input) { __typename ... on Refusal { message } } }'
const placeOrder = `mutation ($input: PlaceOrderInput!) {
  order: placeOrder(input: $input) { __typename ... on Order { id consistencyToken } ... on Refusal { message } }
}`
const orderOf = (changes: object = {}) => ({
  price: { amount: 5, currency: 'EUR' },
  description: 'a book',
  paymentMethod: 'WALLET',
  idempotencyKey: 'book',
  ...changes,
})
const price = (amount: unknown, currency: unknown = 'EUR') => ({ price: { amount, currency } })
const placing = (changes: object) => ({ query: placeOrder, variables: { input: orderOf(changes) } })
const depositing = (money: object, changes: object = {}) => ({
  query: deposit,
  variables: { input: { money: { amount: 7, currency: 'EUR', ...money }, idempotencyKey: 'x', ...changes } },
})
const literalAmount = (amount: string) => ({
  query: `mutation { order: placeOrder(input: { price: { amount: ${amount}, currency: "EUR" },
    description: "a book", idempotencyKey: "literal" }) { __typename } }`,
})
const nested = (depth: number) => ({
  query: `{ __type(name: "Order") ${'{ fields { type '.repeat(depth)} { name } ${'} }'.repeat(depth)} }`,
})

const JSON_TYPE = { 'content-type': 'application/json' }
const asAnn = { ...JSON_TYPE, 'x-user-id': ann, accept: 'application/graphql-response+json' }

const ask = ({ headers = {}, ...body }: Asking) =>
  api.send({ method: 'POST', headers: { ...asAnn, ...headers }, body: JSON.stringify(body) })

/** What was appended, if anything, and the answer. */
const changing = async (asking: () => Promise<Awaited<ReturnType<typeof ask>>>) => {
  const before = await api.head()
  const answer = await asking()
  expect(await api.head(), 'nothing is appended').toBe(before)
  return answer
}

describe('who does not say who they are', () => {
  const known = asAnn['x-user-id']
  it.each<[string, Record<string, string>]>([
    ['no user', { 'x-user-id': '' }],
    ['a user that is no UUID', { 'x-user-id': 'ann' }],
    ['two users', { 'x-user-id': `${known}, ${bob}` }],
    ['a role that is none', { 'x-user-role': 'KING' }],
  ])('%s: UNAUTHENTICATED, 401', async (_, headers) => {
    for (const asking of [placing({}), depositing({}), { query: '{ me { id } wallet { id } }' }]) {
      const answer = await changing(() => ask({ ...asking, headers }))
      expect(answer.status).toBe(401)
      expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }])
      expect(answer).not.toHaveProperty('data.me')
    }
  })
  it('may read the schema all the same', async () => {
    const answer = await ask({ query: '{ __schema { queryType { name } } }', headers: { 'x-user-id': '' } })
    expect(answer).toMatchObject({ status: 200, data: { __schema: { queryType: { name: 'Query' } } } })
  })
})

describe('what breaks a bound that the contract names is a typed refusal', () => {
  it.each<[string, Asking, string]>([
    ['an order of 0', placing(price(0)), 'AmountOutOfRange'],
    ['an order of −1', placing(price(-1)), 'AmountOutOfRange'],
    ['an order of 2^53', placing(price(2 ** 53)), 'AmountOutOfRange'],
    ['an order of 1e300', placing(price(1e300)), 'AmountOutOfRange'],
    ['an order of 0, written out', literalAmount('0'), 'AmountOutOfRange'],
    ['an order of −1, written out', literalAmount('-1'), 'AmountOutOfRange'],
    ['an order of 2^53, written out', literalAmount('9007199254740992'), 'AmountOutOfRange'],
    ['a deposit of 0', depositing({ amount: 0 }), 'AmountOutOfRange'],
    ['a deposit of −1', depositing({ amount: -1 }), 'AmountOutOfRange'],
    ['a deposit of 2^53', depositing({ amount: 2 ** 53 }), 'AmountOutOfRange'],
    ['a deposit beyond the largest balance', depositing({ amount: 2 ** 53 - 1 }), 'AmountOutOfRange'],
    ['a deposit in another currency', depositing({ currency: 'USD' }), 'WrongCurrency'],
    ['a deposit without a wallet', { ...depositing({}), headers: { 'x-user-id': bob } }, 'NoWallet'],
    ['a key used again', depositing({}, { idempotencyKey: 'five' }), 'IdempotencyConflict'],
    [
      'a key used again for another order',
      { ...placing(price(6)), headers: { 'x-user-id': bob } },
      'IdempotencyConflict',
    ],
    [
      'a second wallet',
      { query: openWallet, variables: { input: { currency: 'EUR', idempotencyKey: '2' } } },
      'WalletExists',
    ],
    [
      'another wallet by the same key',
      { query: openWallet, variables: { input: { currency: 'USD', idempotencyKey: 'open' } } },
      'IdempotencyConflict',
    ],
    ...refusedShopping,
    ...refusedTopUps,
  ])('%s', async (_, asking, typename) => {
    const { status, data, errors } = await changing(() => ask(asking))
    expect(errors).toBeUndefined()
    expect(status).toBe(200)
    const [answer] = Object.values(
      z.record(z.string(), z.looseObject({ __typename: z.string() })).parse(data),
    )
    expect(answer?.__typename).toBe(typename)
    if (answer && 'message' in answer) expect(answer['message']).toMatch(/\w+ \w+/)
  })
})

describe('what is malformed is BAD_INPUT, and the message names the field', () => {
  const list = (args: string) => ({ query: `{ orders(${args}) { edges { cursor } } }` })
  it.each<[string, Asking, RegExp, number]>([
    ['a fraction', placing(price(1.5)), /price\.amount/, 400],
    ['a fraction, written out', literalAmount('1.5'), /amount/, 400],
    ['a number as text', placing(price('5')), /price\.amount/, 400],
    ['no number', placing(price(null)), /price\.amount/, 400],
    ['a currency that is none', placing(price(5, 'XXY')), /price\.currency/, 400],
    ['a currency in lower case', depositing({ currency: 'eur' }), /money\.currency/, 400],
    ['an unknown field of an input', placing({ discount: 5 }), /discount/, 400],
    ['an unknown field of an answer', { query: '{ me { age } }' }, /age/, 400],
    ['an unknown argument', { query: '{ me(id: 5) { id } }' }, /id/, 400],
    ['an unknown payment method', placing({ paymentMethod: 'BARTER' }), /paymentMethod/, 400],
    ['no price', placing({ price: undefined }), /price/, 200],
    ['an empty description', placing({ description: '' }), /input\.description/, 200],
    ['a description of blanks', placing({ description: '  \n' }), /input\.description/, 200],
    ['a description that is too long', placing({ description: 'x'.repeat(501) }), /input\.description/, 200],
    ['an empty key', placing({ idempotencyKey: '' }), /input\.idempotencyKey/, 200],
    [
      'a key that is too long',
      depositing({}, { idempotencyKey: 'x'.repeat(129) }),
      /input\.idempotencyKey/,
      200,
    ],
    ['an id that is no UUID', { query: '{ order(id: "5") { id } }' }, /^id:/, 200],
    ['an order id that is no UUID', { query: '{ payment(orderId: "x") { status } }' }, /^orderId:/, 200],
    ...badQueries,
    ...badShopping,
    ['a page of 0', list('first: 0'), /^first:/, 200],
    ['a page of −1', list('first: -1'), /^first:/, 200],
    ['a page of 101', list('first: 101'), /^first:/, 200],
    ['a page of half', list('first: 1.5'), /first/, 400],
    ['a cursor of nobody', list('after: "x"'), /^after:/, 200],
    ['a cursor of another list', list(`after: "${cursorOf('entry', 1)}"`), /^after:/, 200],
    ['a status that is none', list('status: LOST'), /LOST/, 400],
    [
      'a token of nobody',
      { query: '{ wallet { id } }', headers: { 'x-consistency-token': 'x' } },
      /token/,
      200,
    ],
    [
      'a token of another kind',
      { query: '{ wallet { id } }', headers: { 'x-consistency-token': cursorOf('order', 1) } },
      /token/,
      200,
    ],
    ['a broken document', { query: '{ me { id }' }, /Syntax Error/, 400],
    ['no document', {}, /query/, 400],
    ['an unknown parameter beside the document', { query: '{ me { id } }', user: ann }, /user/, 400],
    ['a document that is a number', { query: 5 }, /query/, 400],
    ['variables that are a list', { query: '{ me { id } }', variables: [1] }, /variables/, 400],
    ['a document that is too deep', nested(9), /depth/i, 400],
    [
      'too many aliases',
      { query: `{ ${Array.from({ length: 16 }, (_, n) => `a${n}: me { id }`).join(' ')} }` },
      /alias/i,
      400,
    ],
    [
      'too costly a document',
      {
        query: `{ ${Array.from({ length: 9 }, (_, n) => `a${n}: orders(first: 100) { edges { node { id price { amount } failure { message shortBy { amount } } } } }`).join(' ')} }`,
      },
      /cost/i,
      400,
    ],
    ['too many tokens', { query: `{ me { ${'id '.repeat(2_001)} } }` }, /tokens/, 400],
  ])('%s', async (_, asking, says, status) => {
    const answer = await changing(() => ask(asking))
    expect(answer.errors?.[0]).toMatchObject({ extensions: { code: 'BAD_INPUT' } })
    expect(answer.errors?.[0]?.message).toMatch(says)
    expect(answer.status).toBe(status)
    expect(JSON.stringify(answer)).not.toMatch(/node_modules|\.ts|\bat \S+ \(/)
  })
})

describe('what does not even reach GraphQL is answered as HTTP means it', () => {
  const body = JSON.stringify(placing({}))
  it.each<[string, RequestInit, number, string?]>([
    ['malformed JSON', { method: 'POST', headers: asAnn, body: '{"query": ' }, 400],
    ['an empty body', { method: 'POST', headers: asAnn, body: '' }, 400],
    ['a number', { method: 'POST', headers: asAnn, body: '5' }, 400],
    ['null', { method: 'POST', headers: asAnn, body: 'null' }, 400],
    ['a batch', { method: 'POST', headers: asAnn, body: `[${body},${body}]` }, 400],
    ['an empty batch', { method: 'POST', headers: asAnn, body: '[]' }, 400],
    [
      'a poisoned prototype',
      { method: 'POST', headers: asAnn, body: '{"__proto__": {"query": "{ me { id } }"}}' },
      400,
    ],
    [
      'a body that is too large',
      { method: 'POST', headers: asAnn, body: JSON.stringify({ query: '#'.repeat(102_400) }) },
      413,
    ],
    [
      'a form',
      {
        method: 'POST',
        headers: { ...asAnn, 'content-type': 'application/x-www-form-urlencoded' },
        body: 'query={me{id}}',
      },
      415,
    ],
    ['plain text', { method: 'POST', headers: { ...asAnn, 'content-type': 'text/plain' }, body }, 415],
    ['another method', { method: 'PUT', headers: asAnn, body }, 405],
    [
      'a mutation by GET',
      { method: 'GET', headers: asAnn },
      405,
      `?query=${encodeURIComponent('mutation { openWallet(input: { currency: "EUR", idempotencyKey: "get" }) { __typename } }')}`,
    ],
  ])('%s', async (_, request, status, query) => {
    const answer = await changing(() => api.send(request, query))
    expect(answer.status).toBe(status)
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_INPUT' } }])
    expect(answer.errors?.[0]?.message).toMatch(/\w+ \w+/)
  })
})

describe('what is not there', () => {
  it.each(['foreign', 'missing'])('a %s order is null, and so is its payment', async (which) => {
    const id = which === 'foreign' ? foreignOrder : orderId(1)
    const query = `{ order(id: "${id}") { id } payment(orderId: "${id}") { status } }`
    expect(await changing(() => ask({ query }))).toEqual({
      status: 200,
      data: { order: null, payment: null },
    })
  })

  it.each(['foreign', 'missing'])('a %s order can not be watched: NOT_FOUND', async (which) => {
    const id = which === 'foreign' ? foreignOrder : orderId(1)
    const query = `subscription { orderStatus(orderId: "${id}") { status } }`
    const answer = await changing(() => ask({ query }))
    expect(answer.errors).toMatchObject([
      { message: 'You have no order with this id.', extensions: { code: 'NOT_FOUND' } },
    ])
  })

  it('read models as new as a token that is far ahead: UNAVAILABLE, after two seconds', async () => {
    const headers = { 'x-consistency-token': tokenOf(10n ** 15n) }
    const answer = await changing(() => ask({ query: '{ wallet { id } }', headers }))
    expect(answer.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  })
})
