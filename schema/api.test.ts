import { afterAll, beforeAll, expect, it } from 'vitest'
import { person, startTestApi } from './apiUnderTest.ts'
import type { TestApi } from './apiUnderTest.ts'

let api: TestApi
beforeAll(async () => {
  api = await startTestApi()
})
afterAll(() => api.stop())

it('tries', async () => {
  const ann = person()
  const show = async (q: string, v: object = {}, h: Record<string, string> = {}) => {
    const t = performance.now()
    const a = await api.ask(ann, q, v, h)
    console.log(a.status, JSON.stringify(a.body), (performance.now() - t).toFixed(1))
    return a
  }
  await show('{ me { id role } __typename }')
  await show(
    'mutation { openWallet(input: {currency: "EUR", idempotencyKey: "k"}) { __typename ... on Wallet { id balance { amount currency } revision consistencyToken } ... on Refusal { message } } }',
  )
  await show(
    'mutation { deposit(input: {money: {amount: 9007199254740991, currency: "EUR"}, idempotencyKey: "k"}) { __typename ... on Wallet { id balance { amount currency } revision consistencyToken } ... on Refusal { message } } }',
  )
  await show(
    'mutation { deposit(input: {money: {amount: 1.5, currency: "EUR"}, idempotencyKey: "k"}) { __typename } }',
  )
  await show('mutation($i: DepositInput!) { deposit(input: $i) { __typename } }', {
    i: { money: { amount: '1', currency: 'XXY' }, idempotencyKey: '' },
  })
  await show('mutation($i: DepositInput!) { deposit(input: $i) { __typename } }', {
    i: { money: { amount: 1, currency: 'EUR' }, idempotencyKey: '' },
  })
  const p = await show(
    'mutation { placeOrder(input: {price: {amount: 5, currency: "EUR"}, description: "x", idempotencyKey: "k"}) { __typename ... on Order { id status revision consistencyToken placedAt } } }',
  )
  const o = (p.body.data as any).placeOrder
  await show(
    '{ order(id: "' +
      o.id +
      '") { id status price { amount currency } failure { message } revision } orders { edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage endCursor } } payment(orderId: "' +
      o.id +
      '") { status history { status cause at } } wallet { balance { amount } revision } walletEntries { edges { node { kind amount { amount } balance { amount } at } } } }',
    {},
    { 'x-consistency-token': o.consistencyToken },
  )
  await show('{ order(id: "x") { id } }')
  await show('{ orders(after: "x") { edges { cursor } } }')
  await show('{ nope }')
  await show('{ nope')
  const ws = api.socket(ann)
  const seen: unknown[] = []
  const it = ws.iterate({
    query:
      'subscription($id: ID!) { orderStatus(orderId: $id) { status revision at consistencyToken failure { reason shortBy { amount currency } } } }',
    variables: { id: o.id },
  })
  const first = await it.next()
  console.log(JSON.stringify(first))
  await api.failShort(o.id, 7)
  for await (const x of it) console.log(JSON.stringify(x))
  expect(seen).toEqual([])
})
