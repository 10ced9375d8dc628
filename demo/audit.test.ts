import { expect, test } from 'vitest'
import {
  announcedInOrder,
  balancesChain,
  debitsArePaidOrders,
  depositsAreThere,
  moneyIsKept,
  placedOnce,
  sumsOf,
} from './audit.ts'
import type { Book, Entry } from './books.ts'
import type { Person } from './cast.ts'
import type { Performed } from './perform.ts'

const eur = (amount: number) => ({ amount, currency: 'EUR' })
const entry = (
  kind: Entry['kind'],
  amount: number,
  balance: number,
  orderId: string | null = null,
): Entry => ({
  kind,
  amount: eur(amount),
  balance: eur(balance),
  orderId,
})
const planned = { key: 'k', customer: 'ann', price: eur(30), description: 'Tea' }
const ann: Person = {
  id: 'ann',
  kind: 'RICH',
  currency: 'EUR',
  deposits: [{ key: 'd', money: eur(100) }],
  orders: [planned],
}
const update = (status: 'AWAITING_PAYMENT' | 'PAID' | 'FAILED', revision: number) => ({
  orderId: 'o1',
  status,
  revision,
  consistencyToken: '',
  failure: null,
})
const paid: Performed = {
  planned,
  id: 'o1',
  updates: [update('AWAITING_PAYMENT', 0), update('PAID', 1)],
  last: update('PAID', 1),
}
const failed: Performed = { ...paid, last: update('FAILED', 1) }
const book: Book = {
  person: ann,
  balance: eur(70),
  entries: [entry('DEPOSIT', 100, 100), entry('DEBIT', 30, 70, 'o1')],
  orderIds: ['o1'],
}

const all = (books: readonly Book[], performed: readonly Performed[]) => [
  announcedInOrder(performed),
  placedOnce(books, performed),
  depositsAreThere(books),
  debitsArePaidOrders(books, performed),
  balancesChain(books),
  moneyIsKept(sumsOf(books)),
]

test('books that are right have no breach', () => {
  expect(all([book], [paid]).flatMap(({ breaches }) => breaches)).toEqual([])
})

// prettier-ignore
test.each<[string, Book, Performed, string]>([
  ['an order that is PAID and was not debited', { ...book, entries: [entry('DEPOSIT', 100, 100)], balance: eur(100) }, paid, 'PAID, but not debited: o1 30 EUR'],
  ['an order that was debited and FAILED', book, failed, 'debited, but not PAID: o1 30 EUR'],
  ['an order that was debited twice', { ...book, balance: eur(40), entries: [...book.entries, entry('DEBIT', 30, 40, 'o1')] }, paid, 'twice: o1 30 EUR'],
  ['another amount than the price', { ...book, balance: eur(69), entries: [entry('DEPOSIT', 100, 100), entry('DEBIT', 31, 69, 'o1')] }, paid, 'debited, but not PAID: o1 31 EUR'],
  ['a lost deposit', { ...book, balance: eur(0), entries: [] }, failed, 'made 100 EUR, found '],
  ['a running balance that does not chain', { ...book, entries: [entry('DEPOSIT', 100, 100), entry('DEBIT', 30, 71, 'o1')] }, paid, 'leaves 71 EUR, not 70'],
  ['a balance that is not the ledger’s', { ...book, balance: eur(71) }, paid, 'the ledger ends at 70, balance 71 EUR'],
  ['money out of nothing', { ...book, balance: eur(71) }, paid, 'EUR: 100 − 30 + 0 is not 71'],
  ['a wallet that is gone', { ...book, balance: undefined }, paid, 'balance none'],
  ['an order that was placed twice', { ...book, orderIds: ['o1', 'o2'] }, paid, 'planned 1, placed 1, listed 2'],
  ['a status that was seen twice', book, { ...paid, updates: [...paid.updates, update('PAID', 1)] }, 'PAID at 1, PAID at 1'],
])('%s is found', (_, wrong, performed, breach) => {
  const breaches = all([wrong], [performed]).flatMap(({ breaches }) => breaches)
  expect(breaches.join('\n')).toContain(breach)
})
