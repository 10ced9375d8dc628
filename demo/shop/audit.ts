import type { ShopOrder, Stock } from '../../client/shop.ts'
import type { Finding } from '../audit.ts'
import type { Book } from '../books.ts'
import type { Bought } from './perform.ts'

/** An order as it was announced, and as it reads at the end. */
export interface Reading {
  readonly bought: Bought
  readonly order: ShopOrder | null
}

/** Each order reads as it was announced; nobody waits for anything. */
export const readsAsAnnounced = (readings: readonly Reading[]): Finding => ({
  promise: 'every order has ended, and reads as it was announced',
  breaches: readings.flatMap(({ bought: { id, last, refunded }, order }) => {
    const expected = refunded?.status ?? last.status
    return order?.status === expected
      ? []
      : [`${id}: announced ${expected}, reads ${order?.status ?? 'nothing'}`]
  }),
})

/** What each order took from its wallet and gave back is what it says. */
export const walletsAgree = (readings: readonly Reading[], books: readonly Book[]): Finding => ({
  promise:
    'every order took its price once if it was paid, gave back what it says, and took nothing otherwise',
  breaches: readings.flatMap(({ bought: { id, visit, last }, order }) => {
    const book = books.find(({ person }) => person.id === visit.customer)
    const entries = book?.entries.filter(({ orderId }) => orderId === id) ?? []
    const sum = (kind: 'DEBIT' | 'REFUND') =>
      entries.filter((entry) => entry.kind === kind).reduce((all, { amount }) => all + amount.amount, 0)
    const debits = entries.filter(({ kind }) => kind === 'DEBIT').length
    const price = order?.price.amount ?? 0
    const paid = last.status === 'PAID'
    const back = paid ? (order?.refunded?.amount ?? 0) : sum('DEBIT')
    const right = paid ? debits === 1 && sum('DEBIT') === price : debits <= 1
    return right && sum('REFUND') === back
      ? []
      : [`${id}: ${last.status} at ${price}, took ${sum('DEBIT')} in ${debits}, gave back ${sum('REFUND')}`]
  }),
})

/** Of each product, in each warehouse and in all: what came in is there, reserved or gone. */
export const stockAddsUp = (stocks: readonly Stock[]): Finding => ({
  promise: 'received = available + reserved + written off, of every product in every warehouse',
  breaches: stocks.flatMap(({ sku, total, warehouses }) =>
    [{ warehouse: 'all', ...total }, ...warehouses].flatMap((level) => {
      const { warehouse, available, reserved, received, corrected, writtenOff } = level
      const fine =
        received + corrected === available + reserved + writtenOff && available >= 0 && reserved >= 0
      return fine ? [] : [`${sku} in ${warehouse}: ${JSON.stringify(level)}`]
    }),
  ),
})

/** Nothing is kept for orders that have ended, and what has left is what was bought. */
export const nothingIsKept = (
  readings: readonly Reading[],
  before: readonly Stock[],
  after: readonly Stock[],
): Finding => {
  const sold = new Map<string, number>()
  for (const { bought, order } of readings)
    if (bought.last.status === 'PAID')
      for (const { sku, quantity } of order?.lines ?? []) sold.set(sku, (sold.get(sku) ?? 0) + quantity)
  return {
    promise: 'what has left the stock is what was bought, and nothing is kept for orders that have ended',
    breaches: after.flatMap(({ sku, total }) => {
      const old = before.find((stock) => stock.sku === sku)?.total
      const left = total.writtenOff - (old?.writtenOff ?? 0)
      return left === (sold.get(sku) ?? 0) && total.reserved === (old?.reserved ?? 0)
        ? []
        : [`${sku}: bought ${sold.get(sku) ?? 0}, left ${left}, still reserved ${total.reserved}`]
    }),
  }
}
