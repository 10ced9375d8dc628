import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ann, eur, minutesAfterNoon, noon, usd } from '../domain/controls.ts'
import { MAX_MINOR_UNITS } from '../domain/money.ts'
import { isRefusal } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import { scenario } from '../eventstore/scenario.ts'
import {
  debited,
  debitRefused,
  deposited,
  opened,
  refunded,
  refundRefused,
  toPay,
  toRefund,
} from './controls.ts'
import type { WalletEvent } from './events.ts'
import { debit, deposit, open, refund, wallet } from './wallet.ts'
import type { Wallet } from './wallet.ts'

const { given, fold } = scenario(wallet)

const opening = (currency: string, idempotencyKey = 'open') =>
  open({ ownerId: ann, currency, idempotencyKey, fingerprint: `open ${currency}` })

const depositing = (money: { amount: number; currency: string }, idempotencyKey = `key ${money.amount}`) =>
  deposit({ ownerId: ann, money, idempotencyKey, fingerprint: `deposit ${money.amount}` })

describe('opening a wallet', () => {
  it('gives an empty wallet in the currency asked for', () =>
    given().when(opening('EUR')).then(opened('EUR')))
  it('is done already when the same request comes again', () =>
    given(opened()).when(opening('EUR')).thenNothing())
  it('is refused for a second wallet', () =>
    given(opened()).when(opening('EUR', 'another')).thenRefused({ code: 'WALLET_EXISTS' }))
  it('is refused when the key comes again with another currency', () =>
    given(opened()).when(opening('USD')).thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
  it('is possible after an order was refused for want of a wallet', () =>
    given(debitRefused({ reason: 'NO_WALLET' }))
      .when(opening('EUR'))
      .then(opened('EUR')))
})

describe('a refund', () => {
  it('adds to the balance', () =>
    given(opened(), deposited(150, 150), debited(100, 50))
      .when(refund(toRefund(1, 70)))
      .then(refunded(70, 120)))
  it('happens once', () =>
    given(opened(), refunded(70, 70))
      .when(refund(toRefund(1, 70)))
      .thenNothing())
  it('of the same order may come in several parts', () => {
    const second = { ...toRefund(2, 30), orderId: toRefund(1).orderId }
    given(opened(), refunded(70, 70))
      .when(refund(second))
      .then(refunded(30, 100, second))
  })
  it('is refused where there is no wallet, and stays refused', () => {
    const refused = refundRefused({ reason: 'NO_WALLET' })
    given()
      .when(refund(toRefund(1)))
      .then(refused)
    given(refused, opened())
      .when(refund(toRefund(1)))
      .thenNothing()
  })
  it('is refused beyond what a wallet may hold', () =>
    given(opened(), deposited(MAX_MINOR_UNITS, MAX_MINOR_UNITS))
      .when(refund(toRefund(1)))
      .then(refundRefused({ reason: 'AMOUNT_OUT_OF_RANGE' })))
  it('never comes in another currency than the wallet’s', () =>
    given(opened()).whenImpossible(refund(toRefund(1, 70, 'USD'))))
})

describe('a deposit', () => {
  it('adds to the balance', () =>
    given(opened(), deposited(5, 5))
      .when(depositing(eur(7)))
      .then(deposited(7, 12)))
  it('is done already when the same request comes again', () =>
    given(opened(), deposited(5, 5))
      .when(depositing(eur(5)))
      .thenNothing())
  it('is refused when its key comes again with another amount', () =>
    given(opened(), deposited(5, 5))
      .when(depositing(eur(6), 'key 5'))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' }))
  it('needs a wallet', () =>
    given()
      .when(depositing(eur(5)))
      .thenRefused({ code: 'NO_WALLET' }))
  it('must be in the currency of the wallet', () =>
    given(opened('USD'))
      .when(depositing(eur(5)))
      .thenRefused({ code: 'WRONG_CURRENCY', currency: 'USD' }))
  it('never passes the largest balance', () =>
    given(opened(), deposited(MAX_MINOR_UNITS, MAX_MINOR_UNITS))
      .when(depositing(eur(1)))
      .thenRefused({ code: 'AMOUNT_OUT_OF_RANGE' }))
})

describe('a debit', () => {
  it('takes the price from the balance', () =>
    given(opened(), deposited(150, 150))
      .when(debit(toPay(1, 100), noon))
      .then(debited(100, 50)))
  it('is done already for an order that was debited', () =>
    given(opened(), deposited(300, 300), debited(100, 200))
      .when(debit(toPay(1, 100), noon))
      .thenNothing())
  it('is refused by as much as is missing', () =>
    given(opened(), deposited(60, 60))
      .when(debit(toPay(1, 100), noon))
      .then(debitRefused({ reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) })))
  it('stays refused, even when money has come since', () =>
    given(opened(), debitRefused({ reason: 'INSUFFICIENT_FUNDS', shortBy: eur(100) }), deposited(500, 500))
      .when(debit(toPay(1, 100), noon))
      .thenNothing())
  it('is refused without a wallet', () =>
    given()
      .when(debit(toPay(1), noon))
      .then(debitRefused({ reason: 'NO_WALLET' })))
  it('is refused in another currency', () =>
    given(opened('USD'), deposited(500, 500))
      .when(debit(toPay(1), noon))
      .then(debitRefused({ reason: 'CURRENCY_MISMATCH' })))
  it('is refused after the payment deadline', () =>
    given(opened(), deposited(500, 500))
      .when(debit(toPay(1), minutesAfterNoon(11)))
      .then(debitRefused({ reason: 'EXPIRED' })))
})

describe('whatever is asked of a wallet, in any order and any number of times', () => {
  const request = fc.oneof(
    fc.record({ what: fc.constant('deposit' as const), n: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ what: fc.constant('debit' as const), n: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ what: fc.constant('refund' as const), n: fc.integer({ min: 1, max: 9 }) }),
  )
  type What = 'deposit' | 'debit' | 'refund'
  const ask = ({
    what,
    n,
  }: {
    what: What
    n: number
  }): ((wallet: Wallet) => Decision<WalletEvent, unknown>) => {
    if (what === 'deposit') return depositing(eur(n * 10))
    return what === 'debit' ? debit(toPay(n, n * 10), noon) : refund(toRefund(n, n * 10))
  }

  const play = (requests: readonly { what: What; n: number }[]) => {
    const events: WalletEvent[] = [opened()]
    for (const each of requests) {
      const decided = ask(each)(fold(events))
      if (!isRefusal(decided)) events.push(...decided)
    }
    return events
  }
  const balance = (state: Wallet) => (state.status === 'OPEN' ? state.balance : 0)

  it('the balance is what was deposited or given back, less what was debited, and never negative', () =>
    fc.assert(
      fc.property(fc.array(request, { size: 'max', maxLength: 40 }), (requests) => {
        let expected = 0
        for (const event of play(requests)) {
          if (event.type === 'FundsDeposited') expected += event.data.amount
          if (event.type === 'FundsRefunded') expected += event.data.amount
          if (event.type === 'FundsDebited') expected -= event.data.amount
          expect(expected).toBeGreaterThanOrEqual(0)
          if ('balance' in event.data) expect(event.data.balance).toBe(expected)
        }
        expect(balance(fold(play(requests)))).toBe(expected)
      }),
    ))

  it('twice is once', () =>
    fc.assert(
      fc.property(fc.array(request, { size: 'max', maxLength: 20 }), (requests) => {
        expect(play(requests.flatMap((each) => [each, each]))).toEqual(play(requests))
      }),
    ))

  it('each order and each refund gets one verdict', () =>
    fc.assert(
      fc.property(fc.array(request, { size: 'max', maxLength: 40 }), (requests) => {
        const events = play(requests)
        const orders = events.flatMap(({ data }) => ('placedAt' in data ? [data.orderId] : []))
        const refunds = events.flatMap(({ data }) => ('refundId' in data ? [data.refundId] : []))
        for (const decided of [orders, refunds]) expect(new Set<string>(decided).size).toBe(decided.length)
      }),
    ))

  it('a sum in another currency changes nothing', () =>
    given(opened(), deposited(5, 5))
      .when(depositing(usd(7)))
      .thenRefused({ code: 'WRONG_CURRENCY', currency: 'EUR' }))
})
