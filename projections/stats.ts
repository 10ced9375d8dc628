import { CurrencyCode } from '../domain/money.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { impossible } from '../eventstore/decision.ts'
import { orderEvents } from '../orders/events.ts'
import { paymentEvents, walletEvents, walletMovements } from '../payments/events.ts'
import type { OrderEvent } from '../orders/events.ts'
import { StatsView, WalletCurrency } from './documents.ts'
import type { MoneyTotals, OrderStatus } from './documents.ts'
import { statusAfter } from './orders.ts'
import { projection } from './projection.ts'

const { WalletOpened } = walletEvents
const { FundsDeposited, FundsDebited, FundsRefunded, DepositReversed } = walletMovements
const { PaymentSucceeded, PaymentRefunded } = paymentEvents

const currency = CurrencyCode

/** What moves money is in the currency that its wallet was opened in: whoever folds it adds that. */
const movementsInCurrency = {
  FundsDeposited: event(FundsDeposited.schema.extend({ currency })),
  FundsDebited: event(FundsDebited.schema.extend({ currency })),
  FundsRefunded: event(FundsRefunded.schema.extend({ currency })),
  DepositReversed: event(DepositReversed.schema.extend({ currency })),
}

/** Id of the document that holds all sums. */
export const TOTALS = 'totals'
/** Id of the note of a wallet's currency, beside the sums and for their sake. */
export const currencyNote = (owner: string): string => `currency of ${owner}`

/** The events as they are in the log. */
export const statsEvents = {
  ...orderEvents,
  WalletOpened,
  ...walletMovements,
  PaymentSucceeded,
  PaymentRefunded,
}

const catalogue = { ...statsEvents, ...movementsInCurrency }
type StatsEvent = EventOf<typeof catalogue>

/** How many orders are in each status, and what became of the money of each currency: one document. */
export const stats = projection({
  name: 'stats',
  version: 4,
  events: catalogue,
  view: StatsView.or(WalletCurrency),
  indexes: [],
  sums: true,
  id: ({ type, data }) => (type === 'WalletOpened' ? currencyNote(data.ownerId) : TOTALS),
  begins: ({ type }) => type === 'WalletOpened',
  apply: (view, event) => {
    if (event.type === 'WalletOpened')
      return { _id: currencyNote(event.data.ownerId), currency: event.data.currency }
    return add(view && (isTotals(view) ? view : impossible('a wallet’s currency, summed up')), event)
  },
})

const isTotals = (view: StatsView | WalletCurrency): view is StatsView => 'orders' in view

const nothing: MoneyTotals = { deposited: '0', debited: '0', paid: '0', refunded: '0' }

const add = (
  before: StatsView | undefined,
  event: Exclude<StatsEvent, { type: 'WalletOpened' }>,
): StatsView => {
  const totals = before ?? { _id: TOTALS, orders: {}, money: {} }
  switch (event.type) {
    case 'FundsDeposited':
      return plus(totals, event.data.currency, 'deposited', event.data.amount)
    case 'FundsDebited':
    case 'DepositReversed':
      return plus(totals, event.data.currency, 'debited', event.data.amount)
    case 'FundsRefunded':
      return plus(totals, event.data.currency, 'refunded', event.data.amount)
    case 'PaymentSucceeded': {
      const { method, price } = event.data
      const paid = plus(totals, price.currency, 'paid', price.amount)
      return method === 'CARD' ? plus(paid, price.currency, 'paidByCard', price.amount) : paid
    }
    case 'PaymentRefunded': {
      const { method, amount } = event.data
      return method === 'CARD' ? plus(totals, amount.currency, 'refundedToCard', amount.amount) : totals
    }
    default:
      return { ...totals, orders: moved(totals.orders, event) }
  }
}

const plus = (totals: StatsView, currency: string, sum: keyof MoneyTotals, amount: number): StatsView => {
  const money = totals.money[currency] ?? nothing
  const more = String(BigInt(money[sum] ?? '0') + BigInt(amount))
  return { ...totals, money: { ...totals.money, [currency]: { ...money, [sum]: more } } }
}

type Counts = StatsView['orders']

const moved = (orders: Counts, event: OrderEvent): Counts => {
  const to = statusAfter(event)
  if (to === undefined) return orders
  const arrived = { ...orders, [to]: (orders[to] ?? 0) + 1 }
  const from = statusBefore(event)
  if (from === undefined) return arrived
  const left = (orders[from] ?? 0) - 1
  return left < 0 ? impossible(`${event.type}, and no order is ${from}`) : { ...arrived, [from]: left }
}

/** The status that an event takes an order from; undefined if it had none. */
const statusBefore = ({ type, data }: OrderEvent): OrderStatus | undefined => {
  switch (type) {
    case 'OrderReserved':
      return 'NEW'
    case 'OrderPaid':
      return 'AWAITING_PAYMENT'
    case 'OrderFailed':
      return data.failure.reason === 'OUT_OF_STOCK' ? 'NEW' : 'AWAITING_PAYMENT'
    case 'OrderCancelled':
      return data.statusBefore
    case 'OrderRefunded':
      return 'PAID'
    default:
      return undefined
  }
}
