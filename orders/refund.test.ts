import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eur, usd } from '../domain/controls.ts'
import { isRefusal } from '../eventstore/decision.ts'
import { scenario } from '../eventstore/scenario.ts'
import { cancelled, paid, placed, refunded, refundId, refundRequested } from './controls.ts'
import type { OrderEvent } from './events.ts'
import { order } from './order.ts'
import { failRefund, recordRefund, requestRefund } from './refund.ts'

const { given, fold } = scenario(order)
const bought = [placed(), paid()] as const
const noWallet = { reason: 'NO_WALLET' } as const
const refund = (amount: number | undefined, n = 1) =>
  requestRefund({
    refundId: refundId(n),
    amount: amount === undefined ? undefined : eur(amount),
    idempotencyKey: `refund ${n}`,
    fingerprint: `${amount}`,
  })

describe('giving money back', () => {
  it('takes as much as was paid, in parts', () => {
    given(...bought)
      .when(refund(30))
      .then(refundRequested(30))
    given(...bought, refundRequested(30), refunded(30, 30))
      .when(refund(70, 2))
      .then(refundRequested(70, 2))
  })
  it('gives all that remains when nobody says how much', () =>
    given(...bought, refundRequested(30))
      .when(
        requestRefund({
          refundId: refundId(2),
          amount: undefined,
          idempotencyKey: 'refund 2',
          fingerprint: '70',
        }),
      )
      .then(refundRequested(70, 2)))
  it('never takes more than remains, what is on its way included', () => {
    given(...bought)
      .when(refund(101))
      .thenRefused({ code: 'MORE_THAN_REMAINS', remaining: { amount: 100, currency: 'EUR' } })
    given(...bought, refundRequested(30))
      .when(refund(71, 2))
      .thenRefused({ code: 'MORE_THAN_REMAINS', remaining: { amount: 70, currency: 'EUR' } })
    given(...bought, refundRequested(100), refunded(100, 100))
      .when(refund(undefined, 2))
      .thenRefused({ code: 'MORE_THAN_REMAINS', remaining: { amount: 0, currency: 'EUR' } })
  })
  it('happens once for a key', () => {
    given(...bought, refundRequested(30))
      .when(refund(30))
      .thenNothing()
    given(...bought, refundRequested(30))
      .when(refund(40))
      .thenRefused({ code: 'IDEMPOTENCY_CONFLICT' })
  })
  it('is for what was paid, in the currency that it was paid in', () => {
    given(placed()).when(refund(30)).thenRefused({ code: 'NOT_PAID' })
    given(placed(), cancelled('CUSTOMER')).when(refund(30)).thenRefused({ code: 'NOT_PAID' })
    given().when(refund(30)).thenRefused({ code: 'NO_ORDER' })
    given(...bought)
      .when(
        requestRefund({
          refundId: refundId(),
          amount: usd(1),
          idempotencyKey: 'in dollars',
          fingerprint: '',
        }),
      )
      .thenRefused({ code: 'WRONG_CURRENCY', currency: 'EUR' })
  })
})

describe('what became of a refund', () => {
  it('is put on record, with the sum of all', () => {
    given(...bought, refundRequested(30))
      .when(recordRefund(refundId()))
      .then(refunded(30, 30))
    given(...bought, refundRequested(30), refunded(30, 30), refundRequested(70, 2))
      .when(recordRefund(refundId(2)))
      .then(refunded(70, 100, 2))
  })
  it('is put on record once', () =>
    given(...bought, refundRequested(30), refunded(30, 30))
      .when(recordRefund(refundId()))
      .thenNothing())
  it('is not the business of an order that never asked for it', () =>
    given(placed(), cancelled('CUSTOMER')).when(recordRefund(refundId())).thenNothing())
  it('may be that it failed: then as much remains as before', () => {
    const failure = given(...bought, refundRequested(30)).when(failRefund(refundId(), noWallet))
    const data = {
      orderId: placed().data.orderId,
      customerId: placed().data.customerId,
      refundId: refundId(),
    }
    const event = { type: 'RefundFailed', data: { ...data, failure: noWallet } } as const
    failure.then(event)
    given(...bought, refundRequested(30), event)
      .when(refund(100, 2))
      .then(refundRequested(100, 2))
  })
})

it('whatever is asked for, in whatever order, no more is given back than was paid', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.constantFrom('ASK', 'DONE', 'FAILED'),
          fc.integer({ min: 1, max: 6 }),
          fc.integer({ min: 1, max: 60 }),
        ),
        { size: 'max', maxLength: 40 },
      ),
      (steps) => {
        const events: OrderEvent[] = [...bought]
        for (const [what, n, amount] of steps) {
          const decide =
            what === 'ASK'
              ? refund(amount, n)
              : what === 'DONE'
                ? recordRefund(refundId(n))
                : failRefund(refundId(n), noWallet)
          const decision = decide(fold(events))
          if (!isRefusal(decision)) events.push(...decision)
        }
        const sum = events.reduce(
          (all, { type, data }) => (type === 'OrderRefunded' ? all + data.amount.amount : all),
          0,
        )
        expect(sum).toBeLessThanOrEqual(100)
        expect(fold(events).status).toBe(sum === 100 ? 'REFUNDED' : 'PAID')
      },
    ),
  ))
