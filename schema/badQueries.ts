import { cursorOf } from '../service/opaque.ts'

/** A request to the API, as loosely as anybody may send it. */
export interface Asking {
  readonly query?: unknown
  readonly variables?: unknown
  readonly user?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const admins = (field: string): Asking => ({ query: `{ ${field} }`, headers: { 'x-user-role': 'ADMIN' } })

/** Malformed questions about the past, about histories, and about everybody: what the message says, and the status. */
export const badQueries: readonly [string, Asking, RegExp, number][] = [
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
