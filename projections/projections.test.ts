import { describe, it } from 'vitest'
import { ann, eur, minutesAfterNoon, noon, orderId, teapot, usd } from '../domain/controls.ts'
import {
  byCard,
  cancelled,
  failed,
  keeping,
  line,
  paid,
  placed,
  placedByCard,
  placedLines,
  refunded,
  refundId,
  reserved,
  settled,
} from '../orders/controls.ts'
import type { OrderEvent } from '../orders/events.ts'
import { debited, deposited, opened, reversed, toPay, topUpId, toppedUp } from '../payments/controls.ts'
import { calledOff, charged, declined as cardDeclined, started } from '../payments/card/controls.ts'
import type { PaymentEvent } from '../payments/events.ts'
import { projections } from './all.ts'
import type { OrderView, StatsView } from './documents.ts'
import { at, projecting, recorded } from './scenario.ts'

const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const

describe('orders', () => {
  const { given } = projecting(projections.orders)
  const stream = (...events: OrderEvent[]) => recorded(`order-${orderId(1)}`, events)
  const waiting = { status: 'AWAITING_PAYMENT', revision: 0, at: at(0), position: 100 } as const
  const ordered: OrderView = {
    _id: orderId(1),
    customerId: ann,
    status: 'AWAITING_PAYMENT',
    price: eur(100),
    description: 'a book',
    lines: [],
    paymentMethod: 'WALLET',
    placedAt: noon.toISOString(),
    payBy: minutesAfterNoon(10).toISOString(),
    revision: 0,
    history: [waiting],
    placedPosition: 100,
  }
  const due = { dueAt: ordered.payBy }
  const next = (status: OrderView['status']) => ({
    status,
    revision: 1,
    history: [waiting, { status, revision: 1, at: at(1), position: 200 }],
  })

  it('show an order as soon as it is placed', () => given(...stream(placed())).then({ ...ordered, ...due }))
  it('show that it was paid', () => given(...stream(placed(), paid())).then({ ...ordered, ...next('PAID') }))
  it('show why it failed, and by how much', () =>
    given(...stream(placed(), failed(short))).then({ ...ordered, ...next('FAILED'), failure: short }))
  it('show what was given back, and that it was all', () => {
    const after = given(...stream(placed(), paid(), refunded(30, 30), refunded(70, 100)))
    const [, second] = next('PAID').history
    const last = { status: 'REFUNDED', revision: 3, at: at(3), position: 400 } as const
    after.then({
      ...ordered,
      status: 'REFUNDED',
      revision: 3,
      refunded: eur(100),
      history: second ? [waiting, second, last] : [],
    })
  })

  it('are due soon while stock is being reserved, then at their deadline, then until the stock is settled', () => {
    const lines = [line(teapot, 2)]
    const { description: _, ...plain } = ordered
    const soon = (n: number) => new Date(Date.parse(at(n)) + 30_000).toISOString()
    const steps = [placedLines(lines), reserved(), keeping(paid()), settled()]
    const statuses = ['NEW', 'AWAITING_PAYMENT', 'PAID'] as const
    const after = (events: number, dueAt: string | undefined) => {
      const history = statuses
        .slice(0, events)
        .map((status, n) => ({ status, revision: n, at: at(n), position: 100 + 100 * n }))
      const { status = 'NEW', revision = 0 } = history.at(-1) ?? {}
      const order = { ...plain, lines, status, revision, history, ...(dueAt ? { dueAt } : {}) }
      given(...recorded(`order-${orderId(1)}`, steps.slice(0, events))).then(order)
    }
    after(1, soon(0))
    after(2, ordered.payBy)
    after(3, soon(2))
    after(4, undefined)
  })
})

describe('wallets', () => {
  const { given } = projecting(projections.wallets)
  const wallet = `wallet-${ann}`

  it('show the balance', () =>
    given(...recorded(wallet, [opened(), deposited(150, 150), debited(100, 50)])).then({
      _id: ann,
      balance: eur(50),
      openedAt: at(0),
      openedPosition: 100,
      revision: 2,
    }))
})

describe('the ledger', () => {
  const { given } = projecting(projections.ledger)

  it('shows each movement with the balance after it', () =>
    given(...recorded(`wallet-${ann}`, [deposited(150, 150), debited(100, 50, toPay(7))])).then(
      { _id: `${ann}:0`, ownerId: ann, revision: 0, kind: 'DEPOSIT', amount: 150, balance: 150, at: at(0) },
      {
        _id: `${ann}:1`,
        ownerId: ann,
        revision: 1,
        kind: 'DEBIT',
        amount: 100,
        balance: 50,
        orderId: orderId(7),
        at: at(1),
      },
    ))

  it('says what was paid by card, and what is back on it', () => {
    const entry = { ownerId: ann, topUpId: topUpId(1) }
    given(...recorded(`wallet-${ann}`, [toppedUp(150, 150), reversed(50, 100)])).then(
      { _id: `${ann}:0`, ...entry, revision: 0, kind: 'DEPOSIT', amount: 150, balance: 150, at: at(0) },
      { _id: `${ann}:1`, ...entry, revision: 1, kind: 'DEBIT', amount: 50, balance: 100, at: at(1) },
    )
  })
})

describe('payments', () => {
  const { given } = projecting(projections.payments)
  const order = recorded(`order-${orderId(1)}`, [placed()])
  const data = {
    orderId: orderId(1),
    customerId: ann,
    method: 'WALLET',
    price: eur(100),
    orderRevision: 0,
  } as const
  const asked = { status: 'PENDING', cause: 'order placed', at: at(0) } as const
  const payment = { _id: orderId(1), customerId: ann, method: 'WALLET', price: eur(100) } as const

  it('are pending as soon as the order is placed', () =>
    given(...order).then({ ...payment, status: 'PENDING', history: [asked] }))

  it('show what each change came from', () => {
    const succeeded = recorded(`payment-${orderId(1)}`, [{ type: 'PaymentSucceeded', data } as const])
    const change = { status: 'SUCCEEDED', cause: 'wallet debited', at: at(0) } as const
    given(...order, ...succeeded).then({ ...payment, status: 'SUCCEEDED', history: [asked, change] })
  })

  it('show why they failed', () => {
    const failure = recorded(`payment-${orderId(1)}`, [
      { type: 'PaymentFailed', data: { ...data, failure: short } } as const,
    ])
    const change = { status: 'FAILED', cause: 'the wallet did not hold enough', at: at(0) } as const
    given(...order, ...failure).then({
      ...payment,
      status: 'FAILED',
      failure: short,
      history: [asked, change],
    })
  })
})

describe('payments by card', () => {
  const { given } = projecting(projections.payments)
  const order = recorded(`order-${orderId(1)}`, [placedByCard()])
  const asked = { status: 'PENDING', cause: 'order placed', at: at(0) } as const
  const view = { _id: orderId(1), customerId: ann, method: 'CARD', price: eur(100) } as const
  const story = (...events: readonly PaymentEvent[]) => recorded(`payment-${orderId(1)}`, events)
  const begun = [
    asked,
    { status: 'PENDING', cause: 'begun at the card processor', at: at(0) },
    { status: 'PENDING', cause: 'the card was declined (insufficient funds)', at: at(1) },
  ] as const

  it('show each try, and what came of them', () => {
    const last = { status: 'SUCCEEDED', cause: 'card charged', at: at(2) } as const
    given(...order, ...story(started(), cardDeclined(), charged())).then({
      ...view,
      status: 'SUCCEEDED',
      history: [...begun, last],
    })
  })

  it('are open until the processor has let them go, although the order has ended', () => {
    const end = recorded(`order-${orderId(1)}`, [placedByCard(), byCard(cancelled('CUSTOMER'))]).slice(1)
    const last = {
      status: 'CANCELLED',
      cause: 'the order had ended, and no card can pay it any more',
      at: at(2),
    } as const
    given(...order, ...story(started(), cardDeclined()), ...end).then({
      ...view,
      status: 'PENDING',
      history: [...begun],
    })
    given(...order, ...story(started(), cardDeclined(), calledOff()), ...end).then({
      ...view,
      status: 'CANCELLED',
      history: [...begun, last],
    })
  })
})

describe('the stats', () => {
  const { given } = projecting(projections.stats)
  const currency = 'EUR'
  const depositedEur = (amount: number) => {
    const { type, data } = deposited(amount, amount)
    return { type, data: { ...data, currency } } as const
  }
  const debitedEur = (amount: number) => {
    const { type, data } = debited(amount, 0)
    return { type, data: { ...data, currency } } as const
  }
  const totals = (orders: StatsView['orders'], money: StatsView['money']): StatsView => ({
    _id: 'totals',
    orders,
    money,
  })

  it('count every order once, in the status that it has', () =>
    given(...recorded('log', [placed(), placed(), placed(), paid(), failed(short), placed()])).then(
      totals({ AWAITING_PAYMENT: 2, PAID: 1, FAILED: 1 }, {}),
    ))

  it('tell what cards paid, and what went back to them', () => {
    const identity = { orderId: orderId(1), customerId: ann, refundId: refundId(1), method: 'CARD' } as const
    const sums = { amount: eur(30), refunded: eur(30), isFull: false, cause: 'REQUESTED' } as const
    const back = { type: 'PaymentRefunded', data: { ...identity, ...sums } } as const
    const EUR = { deposited: '0', debited: '0', refunded: '0', paid: '100' }
    given(...recorded('log', [charged(), back])).then(
      totals({}, { EUR: { ...EUR, paidByCard: '100', refundedToCard: '30' } }),
    )
  })

  it('sum up what was moved in each currency, exactly at any size', () => {
    const most = Number.MAX_SAFE_INTEGER
    const data = { orderId: orderId(1), customerId: ann, method: 'WALLET', orderRevision: 0 } as const
    const succeeded = { type: 'PaymentSucceeded', data: { ...data, price: usd(5) } } as const
    const events = [depositedEur(most), depositedEur(most), depositedEur(1), debitedEur(most), succeeded]
    given(...recorded('log', events)).then(
      totals(
        {},
        {
          EUR: { deposited: '18014398509481983', debited: '9007199254740991', paid: '0', refunded: '0' },
          USD: { deposited: '0', debited: '0', paid: '5', refunded: '0' },
        },
      ),
    )
  })

  it('note the currency of each wallet beside the sums', () =>
    given(...recorded(`wallet-${ann}`, [opened('USD')])).then({ _id: `currency of ${ann}`, currency: 'USD' }))
})
