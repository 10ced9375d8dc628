import { describe, it } from 'vitest'
import { ann, eur, orderId } from '../domain/controls.ts'
import { scenario } from '../eventstore/scenario.ts'
import type { PaymentEvent } from './events.ts'
import { toRefund } from './controls.ts'
import { giveBack, payment, settle } from './payment.ts'

const { given } = scenario(payment)
const data = {
  orderId: orderId(1),
  customerId: ann,
  method: 'WALLET',
  price: eur(100),
  orderRevision: 0,
} as const
const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const
const succeeded: PaymentEvent = { type: 'PaymentSucceeded', data }
const failed: PaymentEvent = { type: 'PaymentFailed', data: { ...data, failure: short } }

describe("a payment's outcome", () => {
  it('is put on record', () => {
    given().when(settle(data, undefined)).then(succeeded)
    given().when(settle(data, short)).then(failed)
  })
  it('is put on record once', () => {
    given(succeeded).when(settle(data, undefined)).thenNothing()
    given(failed).when(settle(data, short)).thenNothing()
  })
  it('never changes', () => {
    given(succeeded).whenImpossible(settle(data, short))
    given(failed).whenImpossible(settle(data, undefined))
  })
})

describe('money that is given back', () => {
  const back = (n: number, amount: number, refunded: number): PaymentEvent => {
    const { refundId, orderId, customerId, amount: money } = toRefund(n, amount)
    const returned = { orderId, customerId, refundId, method: 'WALLET' } as const
    const sums = { amount: money, refunded: eur(refunded), isFull: refunded === 100 }
    return { type: 'PaymentRefunded', data: { ...returned, ...sums, cause: 'REQUESTED' } }
  }
  it('is put on record with the sum of all, until it is all', () => {
    given(succeeded)
      .when(giveBack(toRefund(1, 30), 'REQUESTED', undefined))
      .then(back(1, 30, 30))
    given(succeeded, back(1, 30, 30))
      .when(giveBack(toRefund(2, 70), 'REQUESTED', undefined))
      .then(back(2, 70, 100))
  })
  it('is put on record once', () =>
    given(succeeded, back(1, 30, 30))
      .when(giveBack(toRefund(1, 30), 'REQUESTED', undefined))
      .thenNothing())
  it('or is not given back, and then that is on record', () => {
    const { refundId, orderId, customerId, amount } = toRefund(1, 30)
    const failure = { reason: 'AMOUNT_OUT_OF_RANGE' } as const
    const returned = { orderId, customerId, refundId, method: 'WALLET', amount } as const
    const data = { ...returned, cause: 'DECLINED', failure } as const
    const event: PaymentEvent = { type: 'PaymentRefundFailed', data }
    given(succeeded)
      .when(giveBack(toRefund(1, 30), 'DECLINED', failure))
      .then(event)
    given(succeeded, event)
      .when(giveBack(toRefund(1, 30), 'DECLINED', failure))
      .thenNothing()
  })
  it('is never more than was taken, and never of what was not', () => {
    given(succeeded, back(1, 30, 30)).whenImpossible(giveBack(toRefund(2, 71), 'REQUESTED', undefined))
    given(failed).whenImpossible(giveBack(toRefund(1, 30), 'REQUESTED', undefined))
  })
})
