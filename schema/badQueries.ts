import { bob, orderId } from '../domain/controls.ts'
import { cursorOf } from '../service/opaque.ts'

/** A request to the API, as loosely as anybody may send it. */
export interface Asking {
  readonly query?: unknown
  readonly variables?: unknown
  readonly user?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const admins = (field: string): Asking => ({ query: `{ ${field} }`, headers: { 'x-user-role': 'ADMIN' } })

const topUp = (input: object): Asking => ({
  query: 'mutation ($input: TopUpWalletInput!) { topUpWallet(input: $input) { __typename } }',
  variables: { input: { amount: { amount: 500, currency: 'EUR' }, idempotencyKey: 'bad', ...input } },
})

/** Top-ups by card that break a bound, and what they are refused as before any processor is asked. */
export const refusedTopUps: readonly [string, Asking, string][] = [
  ['a top-up of 0', topUp({ amount: { amount: 0, currency: 'EUR' } }), 'AmountOutOfRange'],
  ['a top-up of −1', topUp({ amount: { amount: -1, currency: 'EUR' } }), 'AmountOutOfRange'],
  ['a top-up of 2^53', topUp({ amount: { amount: 2 ** 53, currency: 'EUR' } }), 'AmountOutOfRange'],
  [
    'a top-up beyond the largest balance',
    topUp({ amount: { amount: 2 ** 53 - 1, currency: 'EUR' } }),
    'AmountOutOfRange',
  ],
  ['a top-up in another currency', topUp({ amount: { amount: 500, currency: 'USD' } }), 'WrongCurrency'],
  ['a top-up without a wallet', { ...topUp({}), headers: { 'x-user-id': bob } }, 'NoWallet'],
]

const payingByCard = (input: object): Asking => ({
  query: 'mutation ($input: CreateCardPaymentInput!) { createCardPayment(input: $input) { __typename } }',
  variables: { input: { orderId: orderId(1), idempotencyKey: 'pay', ...input } },
})

/** Malformed top-ups and payments, and questions about the past, about histories, and about everybody: what the message says, and the status. */
export const badQueries: readonly [string, Asking, RegExp, number][] = [
  ['paying an order by card that is no UUID', payingByCard({ orderId: 'x' }), /^input\.orderId:/, 200],
  ['paying by card with an empty key', payingByCard({ idempotencyKey: '' }), /^input\.idempotencyKey:/, 200],
  ['paying a sum of one’s own by card', payingByCard({ amount: 1 }), /amount/, 400],
  ['paying by card for somebody else', payingByCard({ customerId: orderId(2) }), /customerId/, 400],
  ['a top-up of half a cent', topUp({ amount: { amount: 0.5, currency: 'EUR' } }), /amount\.amount/, 400],
  ['a top-up in no currency', topUp({ amount: { amount: 5, currency: 'XXY' } }), /amount\.currency/, 400],
  ['a top-up of nothing', topUp({ amount: null }), /amount/, 400],
  ['a top-up by an empty key', topUp({ idempotencyKey: '' }), /input\.idempotencyKey/, 200],
  ['a top-up of somebody else', topUp({ userId: bob }), /userId/, 400],
  ['a top-up that is no UUID', { query: '{ topUp(id: "x") { status } }' }, /^id:/, 200],
  ['a history of no UUID', { query: '{ orderHistory(id: "x") { text } }' }, /^id:/, 200],
  ['an owner that is no UUID', { query: '{ wallet(userId: "ann") { id } }' }, /^userId:/, 200],
  [
    'a moment that is none',
    { query: '{ wallet(at: "noon") { id } }' },
    /^at: DateTime must be ISO 8601/,
    400,
  ],
  ['a moment without a time zone', { query: '{ wallet(at: "2026-01-02T12:00:00") { id } }' }, /^at:/, 400],
  [
    'a moment finer than the log',
    { query: '{ wallet(at: "2026-01-02T12:00:00.0001Z") { id } }' },
    /^at:/,
    400,
  ],
  ['a moment that is a number', { query: '{ wallet(at: 5) { id } }' }, /^at:/, 400],
  [
    'a moment in a variable',
    { query: 'query ($at: DateTime) { wallet(at: $at) { id } }', variables: { at: 'noon' } },
    /at.*ISO 8601/,
    400,
  ],
  [
    'everybody’s orders of a customer that is no UUID',
    admins('allOrders(filter: { customerId: "x" }) { edges { cursor } }'),
    /^filter\.customerId:/,
    200,
  ],
  [
    'everybody’s orders of no status',
    admins('allOrders(filter: { status: LOST }) { edges { cursor } }'),
    /LOST/,
    400,
  ],
  [
    'everybody’s orders of a period that ends before it begins',
    admins(
      'allOrders(filter: { from: "2026-01-03T00:00:00Z", to: "2026-01-02T00:00:00Z" }) { edges { cursor } }',
    ),
    /^filter\.to: must be later/,
    200,
  ],
  [
    'everybody’s orders by what is unknown',
    admins('allOrders(filter: { price: 5 }) { edges { cursor } }'),
    /price/,
    400,
  ],
  ['too many of everybody’s orders', admins('allOrders(first: 101) { edges { cursor } }'), /^first:/, 200],
  [
    'everybody’s orders after a wallet',
    admins(`allOrders(after: "${cursorOf('wallet', 1)}") { edges { cursor } }`),
    /^after:/,
    200,
  ],
  ['too many wallets', admins('wallets(first: 101) { edges { cursor } }'), /^first:/, 200],
  [
    'wallets after an order',
    admins(`wallets(after: "${cursorOf('order', 1)}") { edges { cursor } }`),
    /^after:/,
    200,
  ],
  ['stats of one currency', admins('stats(currency: "EUR") { consistencyToken }'), /currency/, 400],
  [
    'too many of everybody’s lists at once',
    admins(
      Array.from(
        { length: 9 },
        (_, n) =>
          `a${n}: allOrders(first: 100) { edges { node { id price { amount } failure { message shortBy { amount } } } } }`,
      ).join(' '),
    ),
    /cost/i,
    400,
  ],
]
