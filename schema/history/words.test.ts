import { describe, expect, it } from 'vitest'
import { ann, bob, eur, orderId, usd } from '../../domain/controls.ts'
import type { PaymentFailure, PaymentMethod } from '../../domain/payment.ts'
import { expired, failed, newOrder, paid, placed, refundId } from '../../orders/controls.ts'
import { calledOff, declined as cardDeclined, started } from '../../payments/card/controls.ts'
import { debited, debitRefused } from '../../payments/controls.ts'
import type { PaymentEvent } from '../../payments/events.ts'
import { actorFor } from './actor.ts'
import { written } from '../../domain/written.ts'
import { wordsFor } from './words.ts'
import type { Happening } from './words.ts'

const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const
const data = {
  orderId: orderId(1),
  customerId: ann,
  method: 'WALLET',
  price: eur(100),
  orderRevision: 0,
} as const
const succeeded: PaymentEvent = { type: 'PaymentSucceeded', data }
const paymentFailed = (failure: PaymentFailure): PaymentEvent => ({
  type: 'PaymentFailed',
  data: { ...data, failure },
})

const backTo = (method: PaymentMethod): PaymentEvent => ({
  type: 'PaymentRefunded',
  data: {
    orderId: orderId(1),
    customerId: ann,
    refundId: refundId(1),
    method,
    amount: eur(30),
    refunded: eur(30),
    isFull: false,
    cause: 'REQUESTED',
  },
})

describe('what happened is told in words', () => {
  it.each<[Happening, string, string]>([
    [placed(), 'PLACED', 'The order was placed, for 1.00 EUR.'],
    [debited(100, 50), 'WALLET_CHARGED', 'The wallet was charged 1.00 EUR.'],
    [debitRefused(short), 'WALLET_REFUSED', 'The wallet was not charged: the wallet was short by 0.40 EUR.'],
    [
      debitRefused({ reason: 'NO_WALLET' }),
      'WALLET_REFUSED',
      'The wallet was not charged: there was no wallet.',
    ],
    [
      debitRefused({ reason: 'CURRENCY_MISMATCH' }),
      'WALLET_REFUSED',
      'The wallet was not charged: the wallet was in another currency than the price.',
    ],
    [
      debitRefused({ reason: 'EXPIRED' }),
      'WALLET_REFUSED',
      'The wallet was not charged: the payment deadline had passed.',
    ],
    [succeeded, 'PAYMENT_SUCCEEDED', 'The payment of 1.00 EUR succeeded.'],
    [paymentFailed(short), 'PAYMENT_FAILED', 'The payment failed: the wallet was short by 0.40 EUR.'],
    [paid(), 'PAID', 'The order is paid.'],
    [failed(short), 'FAILED', 'The order failed: the wallet was short by 0.40 EUR.'],
    [expired(), 'CANCELLED', 'The order was cancelled: it was not paid in time.'],
    [started(), 'CARD_PAYMENT_STARTED', 'A payment by card was begun.'],
    [cardDeclined(), 'CARD_DECLINED', 'The card was declined (insufficient funds).'],
    [calledOff(), 'PAYMENT_CANCELLED', 'The payment was called off: no card can pay it any more.'],
    [backTo('CARD'), 'PAYMENT_REFUNDED', '0.30 EUR went back to the card.'],
    [backTo('WALLET'), 'PAYMENT_REFUNDED', '0.30 EUR went back to the wallet.'],
    [
      failed({ reason: 'CARD_DECLINED', declineCode: 'lost_card' }),
      'FAILED',
      'The order failed: the card was declined (lost card).',
    ],
  ])('%#: $type', (event, kind, text) => expect(wordsFor(event, newOrder().price)).toEqual({ kind, text }))
})

describe('money is written out', () => {
  it.each([
    [eur(1), '0.01 EUR'],
    [eur(100), '1.00 EUR'],
    [usd(123_456), '1234.56 USD'],
    [{ amount: 1_999, currency: 'JPY' }, '1999 JPY'],
    [{ amount: 7, currency: 'KWD' }, '0.007 KWD'],
    [eur(Number.MAX_SAFE_INTEGER), '90071992547409.91 EUR'],
  ])('%j is %s', (money, text) => expect(written(money)).toBe(text))
})

describe('who did it', () => {
  const customer = { id: ann, role: 'USER' } as const
  const admin = { id: bob, role: 'ADMIN' } as const
  it.each([
    ['a customer', customer, ann, 'you'],
    ['a customer', customer, bob, 'the shop'],
    ['a customer', customer, 'payments', 'the system'],
    ['an admin', admin, ann, 'the customer'],
    ['an admin', admin, bob, 'you'],
    ['an admin', admin, orderId(1), 'the shop'],
    ['an admin', admin, 'orders', 'the system'],
    ['an admin who is the customer', { id: ann, role: 'ADMIN' } as const, ann, 'you'],
  ])('%s is told %#', (_, viewer, actor, words) => expect(actorFor(viewer, ann, actor)).toBe(words))
})
