import { teapot } from '../domain/controls.ts'
import { MAX_ON_HAND } from '../orders/stock/events.ts'
import type { Asking } from './badQueries.ts'
import { cursorOf, productCursorOf } from '../service/opaque.ts'
import { mutations } from './shopUnderTest.ts'

const key = { idempotencyKey: 'bad shopping' }
const asking = (field: keyof typeof mutations, input: object): Asking => ({
  query: mutations[field],
  variables: { input: { ...key, ...input } },
})
const add = (input: object) => asking('addToCart', { sku: 'basic', quantity: 1, ...input })
const set = (input: object) => asking('setCartQuantity', { sku: 'basic', quantity: 1, ...input })
const remove = (input: object) => asking('removeFromCart', { sku: 'basic', ...input })
const asAdmin = (request: Asking): Asking => ({ ...request, headers: { 'x-user-role': 'ADMIN' } })
const receive = (input: object) =>
  asAdmin(asking('receiveStock', { sku: 'compass', warehouse: 'north', quantity: 1, ...input }))
const correct = (input: object) =>
  asAdmin(
    asking('correctStock', { sku: 'compass', warehouse: 'north', onHand: 1, reason: 'counted', ...input }),
  )
const list = (args: string): Asking => ({ query: `{ products(${args}) { edges { cursor } } }` })

/** What the shop refuses somebody with an empty cart while nothing is in stock, and the type of the answer. */
export const refusedShopping: readonly [string, Asking, string][] = [
  ['adding an unknown product', add({ sku: 'no-such-thing' }), 'UnknownProduct'],
  ['adding what is no sku', add({ sku: 'NO SKU' }), 'UnknownProduct'],
  ['adding 0 pieces', add({ quantity: 0 }), 'QuantityOutOfRange'],
  ['adding −1 pieces', add({ quantity: -1 }), 'QuantityOutOfRange'],
  ['adding 1,001 pieces', add({ quantity: 1_001 }), 'QuantityOutOfRange'],
  ['adding what is not in stock', add({ sku: 'compass' }), 'NotAvailable'],
  ['a quantity of 0', set({ quantity: 0 }), 'QuantityOutOfRange'],
  ['a quantity of −1', set({ quantity: -1 }), 'QuantityOutOfRange'],
  ['a quantity of 1,001', set({ quantity: 1_001 }), 'QuantityOutOfRange'],
  ['a quantity of what is not in the cart', set({}), 'NotInCart'],
  ['a quantity of an unknown product', set({ sku: 'no-such-thing' }), 'NotInCart'],
  ['a quantity of what is no sku', set({ sku: 'NO SKU' }), 'NotInCart'],
  ['checking out an empty cart', asking('checkout', {}), 'EmptyCart'],
  ['receiving an unknown product', receive({ sku: 'no-such-thing' }), 'UnknownProduct'],
  ['receiving what is no sku', receive({ sku: '../stock' }), 'UnknownProduct'],
  ['receiving 0 pieces', receive({ quantity: 0 }), 'QuantityOutOfRange'],
  ['receiving −1 pieces', receive({ quantity: -1 }), 'QuantityOutOfRange'],
  ['receiving too many pieces', receive({ quantity: MAX_ON_HAND + 1 }), 'QuantityOutOfRange'],
  ['counting an unknown product', correct({ sku: 'no-such-thing' }), 'UnknownProduct'],
  ['counting what is no sku', correct({ sku: '' }), 'UnknownProduct'],
  ['counting −1 pieces', correct({ onHand: -1 }), 'QuantityOutOfRange'],
  ['counting too many pieces', correct({ onHand: MAX_ON_HAND + 1 }), 'QuantityOutOfRange'],
]

/** Malformed requests to the shop: what the message says, and the status. */
export const badShopping: readonly [string, Asking, RegExp, number][] = [
  ['adding half a piece', add({ quantity: 1.5 }), /quantity/, 400],
  ['adding pieces in words', add({ quantity: 'two' }), /quantity/, 400],
  ['adding more than 32 bits', add({ quantity: 2 ** 31 }), /quantity/, 400],
  ['adding nothing', add({ sku: undefined }), /sku/, 400],
  ['adding at a price of one’s own', add({ price: { amount: 1, currency: 'EUR' } }), /price/, 400],
  ['adding for somebody else', add({ customerId: 'bob' }), /customerId/, 400],
  ['adding by an empty key', add({ idempotencyKey: '' }), /^input\.idempotencyKey/, 200],
  [
    'adding by a key that is too long',
    add({ idempotencyKey: 'x'.repeat(129) }),
    /^input\.idempotencyKey/,
    200,
  ],
  ['adding without a key', add({ idempotencyKey: undefined }), /idempotencyKey/, 400],
  ['a quantity by an empty key', set({ idempotencyKey: '' }), /^input\.idempotencyKey/, 200],
  ['removing what is no sku', remove({ sku: 'NO SKU' }), /^input\.sku: must be lower-case/, 200],
  ['removing by an empty key', remove({ idempotencyKey: '' }), /^input\.idempotencyKey/, 200],
  ['clearing by an empty key', asking('clearCart', { idempotencyKey: '' }), /^input\.idempotencyKey/, 200],
  ['checking out by an empty key', asking('checkout', { idempotencyKey: '' }), /^input\.idempotencyKey/, 200],
  ['checking out without money', asking('checkout', { paymentMethod: 'BARTER' }), /paymentMethod/, 400],
  ['somebody’s cart', { query: '{ cart(userId: "bob") { id } }' }, /userId/, 400],
  ['receiving in no warehouse', receive({ warehouse: '' }), /^input\.warehouse: must be lower-case/, 200],
  ['receiving in a warehouse in capitals', receive({ warehouse: 'North' }), /^input\.warehouse/, 200],
  [
    'receiving in a warehouse that is too long',
    receive({ warehouse: 'n'.repeat(33) }),
    /^input\.warehouse/,
    200,
  ],
  ['receiving by an empty key', receive({ idempotencyKey: '' }), /^input\.idempotencyKey/, 200],
  ['counting for no reason', correct({ reason: ' ' }), /^input\.reason/, 200],
  ['counting for too long a reason', correct({ reason: 'x'.repeat(201) }), /^input\.reason/, 200],
  ['a page of 0 products', list('first: 0'), /^first:/, 200],
  ['a page of 101 products', list('first: 101'), /^first:/, 200],
  ['products after an order', list(`after: "${cursorOf('order', 1)}"`), /^after:/, 200],
  ['products after a sku in the clear', list('after: "compass"'), /^after:/, 200],
  ['products after nothing', list('after: ""'), /^after:/, 200],
  ['a search that is too long', list(`search: "${'x'.repeat(201)}"`), /^search: must have at most 200/, 200],
  [
    'orders after a product',
    { query: `{ orders(after: "${productCursorOf(teapot)}") { edges { cursor } } }` },
    /^after:/,
    200,
  ],
  [
    'products as new as a token of nobody',
    { ...list('first: 1'), headers: { 'x-consistency-token': 'x' } },
    /token/,
    200,
  ],
]
