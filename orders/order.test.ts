import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eur } from '../domain/controls.ts'
import { scenario } from '../eventstore/scenario.ts'
import { expired, failed, newOrder, paid, placed } from './controls.ts'
import type { OrderEvent } from './events.ts'
import { giveUp, order, pay, place } from './order.ts'

const { given, fold } = scenario(order)
const short = { reason: 'INSUFFICIENT_FUNDS', shortBy: eur(40) } as const

describe('placing an order', () => {
  it('is accepted', () => given().when(place(newOrder())).then(placed()))
  it('happens once for an id; the caller finds out whether it is the same request', () =>
    given(placed()).when(place(newOrder())).thenRefused({ code: 'PLACED_BEFORE' }))
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
  it('never both succeeds and fails', () => {
    given(placed(), paid()).whenImpossible(giveUp(short))
    given(placed(), failed(short)).whenImpossible(pay())
  })
})

it('an order that has ended stays as it ended, whatever is delivered again', () =>
  fc.assert(
    fc.property(
      fc.constantFrom(pay(), giveUp(short), giveUp({ reason: 'EXPIRED' })),
      fc.integer({ min: 1, max: 5 }),
      (decide, times) => {
        const events: OrderEvent[] = [placed()]
        for (let n = 0; n < times; n++) events.push(...decide(fold(events)))
        expect(events).toHaveLength(2)
      },
    ),
  ))
