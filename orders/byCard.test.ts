import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eur, minutesAfterNoon } from '../domain/controls.ts'
import { isRefusal } from '../eventstore/decision.ts'
import type { Decision } from '../eventstore/decision.ts'
import { scenario } from '../eventstore/scenario.ts'
import {
  byCard,
  cancelled,
  cardDeclined,
  declined,
  expired,
  failed,
  paid,
  refunded,
  refundId,
} from './controls.ts'
import { placedByCard, refundRequested } from './controls.ts'
import type { OrderEvent } from './events.ts'
import { cancel, declineCard, expire, giveUp, pay } from './lifecycle.ts'
import { order } from './order.ts'
import type { Order } from './order.ts'
import { failRefund, recordRefund, recordRefundElsewhere, requestRefund } from './refund.ts'

const { given, fold } = scenario(order)
const lost = { reason: 'CARD_DECLINED', declineCode: 'lost_card' } as const
const cancelledThere = { reason: 'CARD_PAYMENT_CANCELLED' } as const
const declineOf = (declineCode: string, minute = 1) =>
  declineCard({ declineCode, declinedAt: minutesAfterNoon(minute).toISOString() })

describe('an order to be paid by card', () => {
  it('says at its end that what is open at the processor is to be closed', () => {
    given(placedByCard()).when(pay()).then(byCard(paid()))
    given(placedByCard())
      .when(cancel('CUSTOMER'))
      .then(byCard(cancelled('CUSTOMER')))
    given(placedByCard())
      .when(giveUp(cancelledThere))
      .then(byCard(failed(cancelledThere)))
  })
  it('stays paid when its payment is said to have failed before', () =>
    given(placedByCard(), byCard(paid())).when(giveUp(cancelledThere)).thenNothing())
  it('declines money that comes after its end', () =>
    given(placedByCard(), byCard(failed(lost)))
      .when(pay())
      .then(declined()))
})

describe('a declined card', () => {
  it('is put on record', () =>
    given(placedByCard()).when(declineOf('lost_card')).then(cardDeclined('lost_card')))
  it('is put on record once, and only the newest, in whichever order they come', () => {
    given(placedByCard(), cardDeclined('lost_card', 2)).when(declineOf('lost_card', 2)).thenNothing()
    given(placedByCard(), cardDeclined('lost_card', 2)).when(declineOf('expired_card', 1)).thenNothing()
    given(placedByCard(), cardDeclined('lost_card', 2))
      .when(declineOf('expired_card', 3))
      .then(cardDeclined('expired_card', 3))
  })
  it('changes nothing when the order has ended', () => {
    for (const end of [paid(), cancelled('CUSTOMER'), failed(lost)])
      given(placedByCard(), byCard(end)).when(declineOf('lost_card')).thenNothing()
  })
  it('fails the order at its deadline, which nobody’s try only cancels', () => {
    given(placedByCard(), cardDeclined('lost_card'))
      .when(expire())
      .then(byCard(failed(lost)))
    given(placedByCard()).when(expire()).then(byCard(expired()))
  })
  it('may be followed by one that is taken', () =>
    given(placedByCard(), cardDeclined('lost_card')).when(pay()).then(byCard(paid())))
})

describe('money that somebody gives back at the processor', () => {
  const elsewhere = (amount: number, n = 9) => recordRefundElsewhere({ refundId: refundId(n), amount })
  const bought = [placedByCard(), byCard(paid())] as const

  it('is put on record, once', () => {
    given(...bought)
      .when(elsewhere(30))
      .then(refunded(30, 30, 9))
    given(...bought, refunded(30, 30, 9))
      .when(elsewhere(30))
      .thenNothing()
  })
  it('together with what is given back here makes all of it', () =>
    given(...bought, refundRequested(70), refunded(30, 30, 9))
      .when(recordRefund(refundId(1)))
      .then(refunded(70, 100)))
  it('waits until the order knows of its payment', () =>
    given(placedByCard()).when(elsewhere(30)).thenRefused({ code: 'NOT_YET_PAID' }))
  it('is nothing to an order that declines its money anyway', () =>
    given(placedByCard(), byCard(cancelled('CUSTOMER')))
      .when(elsewhere(30))
      .thenNothing())
  it('leaves that much less to be given back, and never less than nothing', () => {
    const all = requestRefund({
      refundId: refundId(2),
      amount: undefined,
      idempotencyKey: 'k',
      fingerprint: 'f',
    })
    given(...bought, refunded(30, 30, 9))
      .when(all)
      .then({
        type: 'RefundRequested',
        data: { ...refundRequested(70, 2).data, idempotencyKey: 'k', fingerprint: 'f' },
      })
    given(...bought, refundRequested(60), refunded(60, 60, 9))
      .when(all)
      .thenRefused({ code: 'MORE_THAN_REMAINS', remaining: eur(0) })
  })
})

it('whatever comes in whatever order: an order ends once, and no more is given back than was paid', () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.constantFrom<(order: Order) => Decision<OrderEvent, unknown>>(
          pay(),
          giveUp(cancelledThere),
          expire(),
          cancel('ADMIN'),
          declineOf('lost_card', 1),
          declineOf('expired_card', 2),
          recordRefundElsewhere({ refundId: refundId(9), amount: 60 }),
          requestRefund({ refundId: refundId(1), amount: eur(40), idempotencyKey: 'a', fingerprint: 'a' }),
          requestRefund({ refundId: refundId(2), amount: undefined, idempotencyKey: 'b', fingerprint: 'b' }),
          recordRefund(refundId(1)),
          failRefund(refundId(2), { reason: 'CARD_REFUND_REFUSED', code: 'charge_already_refunded' }),
        ),
        { size: 'max', maxLength: 30 },
      ),
      (decisions) => {
        const events = decisions.reduce<OrderEvent[]>(
          (before, decide) => {
            const decided = decide(fold(before))
            return isRefusal(decided) ? before : [...before, ...decided]
          },
          [placedByCard()],
        )
        const ends = events.filter(({ type }) => /^Order(Paid|Failed|Cancelled)$/.test(type))
        expect(ends.length).toBeLessThanOrEqual(1)
        const last = events.findLast(({ type }) => type === 'OrderRefunded')
        if (last?.type === 'OrderRefunded') {
          expect(last.data.refunded.amount).toBeLessThanOrEqual(100)
          expect(fold(events).status).toBe(last.data.refunded.amount === 100 ? 'REFUNDED' : 'PAID')
        }
      },
    ),
  ))
