import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ann, eur, noon } from '../../domain/controls.ts'
import { MAX_MINOR_UNITS } from '../../domain/money.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { scenario } from '../../eventstore/scenario.ts'
import {
  debited,
  deposited,
  depositRefused,
  opened,
  paidTopUp,
  reversalRefused,
  reversed,
  toPay,
  toppedUp,
  toReverse,
} from '../controls.ts'
import type { WalletEvent } from '../events.ts'
import { debit, deposit, wallet } from '../wallet.ts'
import type { Wallet } from '../wallet.ts'
import { reverse, takeTopUp } from './takeTopUp.ts'

const { given, fold } = scenario(wallet)

describe('money that was paid by card', () => {
  it('is added to the balance', () =>
    given(opened(), deposited(50, 50))
      .when(takeTopUp(paidTopUp(1, 100)))
      .then(toppedUp(100, 150)))
  it('is added once', () =>
    given(opened(), toppedUp(100, 100), debited(100, 0))
      .when(takeTopUp(paidTopUp(1, 100)))
      .thenNothing())
  it('is refused where there is no wallet, and stays refused', () => {
    const refused = depositRefused({ reason: 'NO_WALLET' })
    given()
      .when(takeTopUp(paidTopUp(1)))
      .then(refused)
    given(refused, opened())
      .when(takeTopUp(paidTopUp(1)))
      .thenNothing()
  })
  it('is refused in another currency', () =>
    given(opened('USD'))
      .when(takeTopUp(paidTopUp(1)))
      .then(depositRefused({ reason: 'CURRENCY_MISMATCH' })))
  it('is refused beyond what a wallet may hold, and stays refused when there is room again', () => {
    const full = [opened(), deposited(MAX_MINOR_UNITS, MAX_MINOR_UNITS)]
    const refused = depositRefused({ reason: 'AMOUNT_OUT_OF_RANGE' })
    given(...full)
      .when(takeTopUp(paidTopUp(1)))
      .then(refused)
    given(...full, refused, debited(100, MAX_MINOR_UNITS - 100))
      .when(takeTopUp(paidTopUp(1)))
      .thenNothing()
  })
  it('has nothing to do with a deposit of the same key', () => {
    const { idempotencyKey } = paidTopUp(1)
    given(opened(), toppedUp(100, 100))
      .when(deposit({ ownerId: ann, money: eur(5), idempotencyKey, fingerprint: 'deposit 5' }))
      .then({
        type: 'FundsDeposited',
        data: { ownerId: ann, amount: 5, balance: 105, idempotencyKey, fingerprint: 'deposit 5' },
      })
  })
})

describe('money of a top-up that went back to the card', () => {
  it('leaves the wallet', () =>
    given(opened(), toppedUp(100, 100))
      .when(reverse(toReverse(1, 30)))
      .then(reversed(30, 70)))
  it('leaves it once', () =>
    given(opened(), toppedUp(100, 100), reversed(30, 70))
      .when(reverse(toReverse(1, 30)))
      .thenNothing())
  it('stays in it if it is spent already, for somebody to look into', () => {
    const spent = [opened(), toppedUp(100, 100), debited(80, 20)]
    given(...spent)
      .when(reverse(toReverse(1, 100)))
      .then(reversalRefused(80))
    given(...spent, reversalRefused(80), deposited(500, 520))
      .when(reverse(toReverse(1, 100)))
      .thenNothing()
  })
  it('was in this wallet', () => {
    given().whenImpossible(reverse(toReverse(1)))
    given(opened('USD')).whenImpossible(reverse(toReverse(1)))
  })
})

describe('whatever comes in and goes back, in any order and any number of times', () => {
  const ask = fc.oneof(
    fc.record({ what: fc.constant('top up' as const), n: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ what: fc.constant('reverse' as const), n: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ what: fc.constant('debit' as const), n: fc.integer({ min: 1, max: 6 }) }),
  )
  type Ask = typeof ask extends fc.Arbitrary<infer T> ? T : never
  const decide = ({ what, n }: Ask): ((wallet: Wallet) => Decision<WalletEvent, unknown>) => {
    if (what === 'top up') return takeTopUp(paidTopUp(n, n * 10))
    return what === 'reverse' ? reverse(toReverse(n, n * 10)) : debit(toPay(n, n * 7), noon)
  }
  const play = (asks: readonly Ask[]) => {
    const events: WalletEvent[] = [opened()]
    for (const each of asks) {
      const decided = decide(each)(fold(events))
      if (!isRefusal(decided)) events.push(...decided)
    }
    return events
  }

  it('the balance is what came in less what went out, and never negative', () =>
    fc.assert(
      fc.property(fc.array(ask, { size: 'max', maxLength: 40 }), (asks) => {
        let expected = 0
        for (const { type, data } of play(asks)) {
          if (type === 'FundsDeposited') expected += data.amount
          if (type === 'FundsDebited' || type === 'DepositReversed') expected -= data.amount
          expect(expected).toBeGreaterThanOrEqual(0)
          if ('balance' in data) expect(data.balance).toBe(expected)
        }
      }),
    ))

  it('twice is once', () =>
    fc.assert(
      fc.property(fc.array(ask, { size: 'max', maxLength: 20 }), (asks) => {
        expect(play(asks.flatMap((each) => [each, each]))).toEqual(play(asks))
      }),
    ))
})
