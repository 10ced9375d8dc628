import type { Book, Entry } from './books.ts'
import type { Followed } from './follow.ts'
import type { Performed } from './perform.ts'
import { byName } from './tally.ts'

/** A thing that must hold, and where it does not. */
export interface Finding {
  readonly promise: string
  readonly breaches: readonly string[]
}

/** What moved in one currency. */
export interface Sums {
  readonly deposits: number
  readonly debits: number
  readonly refunds: number
  readonly balances: number
}

const shown = (money: { readonly amount: number; readonly currency: string } | undefined) =>
  money ? `${money.amount} ${money.currency}` : 'none'

const effect = ({ kind, amount }: Entry): number => (kind === 'DEBIT' ? -amount.amount : amount.amount)

/** Each status was seen once, in order. */
export const announcedInOrder = (performed: readonly (Followed & { readonly id: string })[]): Finding => ({
  promise: 'each status of each order was seen once, in order',
  breaches: performed.flatMap(({ id, updates }) =>
    updates.some((update, index) => index > 0 && update.revision <= (updates[index - 1]?.revision ?? -1))
      ? [`${id}: ${updates.map(({ status, revision }) => `${status} at ${revision}`).join(', ')}`]
      : [],
  ),
})

/** The orders that people have are those that were placed for them, each once. */
export const placedOnce = (books: readonly Book[], performed: readonly Performed[]): Finding => ({
  promise: 'every order was placed once, however often it was sent',
  breaches: books.flatMap(({ person, orderIds }) => {
    const placed = performed.filter(({ planned }) => planned.customer === person.id).map(({ id }) => id)
    const same = new Set(orderIds).size === orderIds.length && isSameSet(placed, orderIds)
    return same && placed.length === person.orders.length
      ? []
      : [`${person.id}: planned ${person.orders.length}, placed ${placed.length}, listed ${orderIds.length}`]
  }),
})

/** Debits are exactly the PAID orders, each at its price, once. */
export const debitsArePaidOrders = (books: readonly Book[], performed: readonly Performed[]): Finding => ({
  promise: 'the debits are exactly the PAID orders, each charged once, at its price',
  breaches: books.flatMap(({ person, entries }) => {
    const paid = performed
      .filter(({ planned, last }) => planned.customer === person.id && last.status === 'PAID')
      .map(({ id, planned }) => `${id} ${shown(planned.price)}`)
    const debited = entries
      .filter(({ kind }) => kind === 'DEBIT')
      .map(({ orderId, amount }) => `${orderId} ${shown(amount)}`)
    const breaches = [
      ...without(debited, paid).map((debit) => `debited, but not PAID: ${debit}`),
      ...without(paid, debited).map((order) => `PAID, but not debited: ${order}`),
      ...debited.filter((debit, index) => debited.indexOf(debit) !== index).map((debit) => `twice: ${debit}`),
    ]
    return breaches.map((breach) => `${person.id}: ${breach}`)
  }),
})

/** Deposits are those that were made. */
export const depositsAreThere = (books: readonly Book[]): Finding => ({
  promise: 'every deposit is in the ledger, once',
  breaches: books.flatMap(({ person, entries }) => {
    const made = person.deposits.map(({ money }) => shown(money)).sort()
    const found = entries.flatMap(({ kind, amount }) => (kind === 'DEPOSIT' ? [shown(amount)] : [])).sort()
    return made.join() === found.join() ? [] : [`${person.id}: made ${made.join()}, found ${found.join()}`]
  }),
})

/** Running balances chain, are never negative, and end at the wallet's balance. */
export const balancesChain = (books: readonly Book[]): Finding => ({
  promise: 'running balances chain, are never negative, and end at the wallet’s balance',
  breaches: books.flatMap(({ person, balance, entries }) => {
    if ((balance === undefined) !== (person.currency === undefined))
      return [`${person.id}: balance ${shown(balance)}`]
    const breaches: string[] = []
    let held = 0
    for (const entry of entries) {
      held += effect(entry)
      if (entry.balance.amount !== held || held < 0 || entry.balance.currency !== person.currency)
        breaches.push(
          `${person.id}: ${entry.kind} ${shown(entry.amount)} leaves ${shown(entry.balance)}, not ${held}`,
        )
      held = entry.balance.amount
    }
    if (held !== (balance?.amount ?? 0))
      breaches.push(`${person.id}: the ledger ends at ${held}, balance ${shown(balance)}`)
    return breaches
  }),
})

/** Everything that moved, by currency. */
export const sumsOf = (books: readonly Book[]): ReadonlyMap<string, Sums> => {
  const sums = new Map<string, Sums>()
  const none: Sums = { deposits: 0, debits: 0, refunds: 0, balances: 0 }
  const column = { DEPOSIT: 'deposits', DEBIT: 'debits', REFUND: 'refunds' } as const
  const add = (currency: string, name: keyof Sums, amount: number) => {
    const before = sums.get(currency) ?? none
    sums.set(currency, { ...before, [name]: before[name] + amount })
  }
  for (const { balance, entries } of books) {
    if (balance) add(balance.currency, 'balances', balance.amount)
    for (const { kind, amount } of entries) add(amount.currency, column[kind], amount.amount)
  }
  return new Map(byName(sums))
}

/** Money is neither made nor lost. */
export const moneyIsKept = (sums: ReadonlyMap<string, Sums>): Finding => ({
  promise: 'in every currency, deposits − debits + refunds = balances, to the last cent',
  breaches: [...sums].flatMap(([currency, { deposits, debits, refunds, balances }]) =>
    deposits - debits + refunds === balances
      ? []
      : [`${currency}: ${deposits} − ${debits} + ${refunds} is not ${balances}`],
  ),
})

const isSameSet = (a: readonly string[], b: readonly string[]) =>
  without(a, b).length === 0 && without(b, a).length === 0

const without = (from: readonly string[], what: readonly string[]) => {
  const known = new Set(what)
  return from.filter((item) => !known.has(item))
}
