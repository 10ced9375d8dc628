import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cup, eur, teapot } from '../domain/controls.ts'
import { scenario } from '../eventstore/scenario.ts'
import {
  cancelled,
  declined,
  expired,
  failed,
  keeping,
  line,
  newOrder,
  paid,
  placed,
  placedLines,
  reserved,
  settled,
} from './controls.ts'
import type { OrderEvent } from './events.ts'
import { cancel, confirmReservation, expire, failReservation, giveUp, pay, settleStock } from './lifecycle.ts'
import { order, place } from './order.ts'

const { given, fold } = scenario(order)
const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const
const missing = [{ sku: teapot, wanted: 2, available: 1 }]
const outOfStock = { reason: 'OUT_OF_STOCK', missing } as const
const wanting = placedLines([line(teapot, 2), line(cup, 1)])

describe('placing an order', () => {
  it('is accepted', () => given().when(place(newOrder())).then(placed()))
  it('happens once for an id; the caller finds out whether it is the same request', () =>
    given(placed()).when(place(newOrder())).thenRefused({ code: 'PLACED_BEFORE' }))
})

describe('an order that needs stock', () => {
  it('waits for its payment as soon as all is reserved', () =>
    given(wanting).when(confirmReservation()).then(reserved()))
  it('is reserved once', () => given(wanting, reserved()).when(confirmReservation()).thenNothing())
  it('fails when some of it is not there', () =>
    given(wanting)
      .when(failReservation(missing))
      .then(keeping(failed(outOfStock))))
  it('fails once', () =>
    given(wanting, keeping(failed(outOfStock)))
      .when(failReservation(missing))
      .thenNothing())
  it('is not reserved any more when it was cancelled meanwhile', () =>
    given(wanting, keeping(cancelled('CUSTOMER', 'NEW')))
      .when(confirmReservation())
      .thenNothing())
  it('is paid for after that only', () => given(wanting).whenImpossible(pay()))
  it('says at its end that stock is kept for it', () =>
    given(wanting, reserved()).when(pay()).then(keeping(paid())))
  it('is settled once, after its end', () => {
    given(wanting, reserved(), keeping(paid())).when(settleStock()).then(settled())
    given(wanting, reserved(), keeping(paid()), settled()).when(settleStock()).thenNothing()
    given(wanting, reserved()).whenImpossible(settleStock())
  })
  it('is one with a line that stock limits', () => {
    given(placedLines([line(teapot, 1, false)]))
      .when(pay())
      .then(paid())
    given(placed(), paid()).when(settleStock()).thenNothing()
  })
})

describe('the payment of an order', () => {
  it('makes it paid', () => given(placed()).when(pay()).then(paid()))
  it('makes it paid once', () => given(placed(), paid()).when(pay()).thenNothing())
  it('fails it with the reason and the shortfall', () =>
    given(placed()).when(giveUp(short)).then(failed(short)))
  it('fails it once', () => given(placed(), failed(short)).when(giveUp(short)).thenNothing())
  it('cancels it when it came too late', () =>
    given(placed())
      .when(giveUp({ reason: 'EXPIRED' }))
      .then(expired()))
  it('cancels it once', () =>
    given(placed(), expired())
      .when(giveUp({ reason: 'EXPIRED' }))
      .thenNothing())
  it('never comes for an order that nobody placed', () => given().whenImpossible(pay()))
  it('does not fail after it succeeded', () => given(placed(), paid()).whenImpossible(giveUp(short)))
})

describe('money for an order that has ended without it', () => {
  it.each([
    ['was cancelled', cancelled('CUSTOMER')],
    ['has expired', expired()],
    ['has failed', failed(short)],
  ])('is declined when it %s', (_, end) => given(placed(), end).when(pay()).then(declined()))
  it('is declined once', () => given(placed(), expired(), declined()).when(pay()).thenNothing())
})

describe('cancelling an order', () => {
  it('works while its stock is being reserved', () =>
    given(wanting)
      .when(cancel('CUSTOMER'))
      .then(keeping(cancelled('CUSTOMER', 'NEW'))))
  it('works until it is paid', () => given(placed()).when(cancel('ADMIN')).then(cancelled('ADMIN')))
  it('happens once', () => given(placed(), cancelled('CUSTOMER')).when(cancel('ADMIN')).thenNothing())
  it('is refused when it is paid', () =>
    given(placed(), paid()).when(cancel('CUSTOMER')).thenRefused({ code: 'ALREADY_PAID' }))
  it('is refused when it has failed', () =>
    given(placed(), failed(short)).when(cancel('CUSTOMER')).thenRefused({ code: 'ALREADY_FAILED' }))
  it('is refused when there is none', () =>
    given().when(cancel('CUSTOMER')).thenRefused({ code: 'NO_ORDER' }))
})

describe('the deadline of an order', () => {
  it('cancels it when it is not paid', () => given(placed()).when(expire()).then(expired()))
  it('changes nothing when it has ended', () => {
    for (const end of [paid(), failed(short), cancelled('CUSTOMER')])
      given(placed(), end).when(expire()).thenNothing()
  })
})

it('an order ends once, and stays as it ended, whatever is delivered again', () =>
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(pay(), giveUp({ reason: 'EXPIRED' }), expire(), cancel('CUSTOMER')), {
        minLength: 1,
        size: 'max',
        maxLength: 30,
      }),
      (decisions) => {
        const events: OrderEvent[] = [placed()]
        for (const decide of decisions) {
          const state = fold(events)
          try {
            const decision = decide(state)
            if (!('refused' in decision)) events.push(...decision)
          } catch (fault) {
            // The payment of a paid order can't fail: whoever says so is wrong, and changes nothing.
            expect(state.status).toBe('PAID')
            expect(String(fault)).toContain('impossible')
          }
        }
        const ends = events.filter(({ type }) =>
          ['OrderPaid', 'OrderCancelled', 'OrderFailed'].includes(type),
        )
        expect(ends).toHaveLength(1)
        expect(events.filter(({ type }) => type === 'OrderPaymentDeclined').length).toBeLessThanOrEqual(1)
      },
    ),
  ))
