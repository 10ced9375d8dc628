import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scenario } from '../../eventstore/scenario.ts'
import type { PaymentEvent } from '../events.ts'
import { payment } from '../payment.ts'
import type { Payment } from '../payment.ts'
import { calledOff, cardFailed, charge, charged, decline, declined, started } from './controls.ts'
import { closeCard, closeUnstarted, declineCard, failCard, startCard, takeCardMoney } from './decisions.ts'

const { given, fold } = scenario(payment)
const noFunds = { reason: 'CARD_DECLINED', declineCode: 'insufficient_funds' } as const
const cancelledThere = { reason: 'CARD_PAYMENT_CANCELLED' } as const

describe('a payment by card', () => {
  it('is begun once', () => {
    given().when(startCard(charge())).then(started())
    given(started()).when(startCard(charge())).thenNothing()
    given(started())
      .when(startCard(charge('pi_2')))
      .thenNothing()
  })
  it('is not begun when the order has ended, or when it was paid before anybody heard of it', () => {
    given(calledOff(false)).when(startCard(charge())).thenNothing()
    given(charged()).when(startCard(charge())).thenNothing()
  })
  it('succeeds once', () => {
    given(started()).when(takeCardMoney(charge())).then(charged())
    given(started(), charged()).when(takeCardMoney(charge())).thenNothing()
  })
  it('succeeds also when the processor is faster than we are', () =>
    given().when(takeCardMoney(charge())).then(charged()))
  it('succeeds after it was called off, as the money is there', () => {
    given(started(), calledOff()).when(takeCardMoney(charge())).then(charged())
    given(started(), cardFailed(noFunds)).when(takeCardMoney(charge())).then(charged())
  })
  it('is never paid by two intents', () =>
    given(started(), charged()).whenImpossible(takeCardMoney(charge('pi_2'))))
})

describe('a declined card', () => {
  it('is put on record, once for each time', () => {
    given(started())
      .when(declineCard(decline(1)))
      .then(declined(1))
    given(started(), declined(1))
      .when(declineCard(decline(1)))
      .thenNothing()
    given(started(), declined(1))
      .when(declineCard(decline(2)))
      .then(declined(2))
  })
  it('may be told before the payment is known to have begun', () => {
    given()
      .when(declineCard(decline(1)))
      .then(declined(1))
    given(declined(1)).when(startCard(charge())).then(started())
  })
  it('changes nothing when the payment has ended, or is about another intent', () => {
    for (const end of [charged(), calledOff(), cardFailed(noFunds)])
      given(started(), end)
        .when(declineCard(decline(1)))
        .thenNothing()
    given(started())
      .when(declineCard(decline(1, 'pi_2')))
      .thenNothing()
  })
})

describe('an order that ends without its payment', () => {
  it('calls off what was not begun, so that nobody begins it', () => {
    given().when(closeUnstarted(charge())).then(calledOff(false))
    given(started()).when(closeUnstarted(charge())).thenNothing()
    given(calledOff(false)).when(closeUnstarted(charge())).thenNothing()
  })
  it('calls off what was begun when the processor has let it go', () => {
    given(started()).when(closeCard(charge(), undefined)).then(calledOff())
    given(started(), calledOff()).when(closeCard(charge(), undefined)).thenNothing()
    given(started(), charged()).when(closeCard(charge(), undefined)).thenNothing()
  })
  it('fails it where the order has failed for its cards', () =>
    given(started(), declined()).when(closeCard(charge(), noFunds)).then(cardFailed(noFunds)))
})

describe('an intent that somebody else cancels', () => {
  it('fails the payment', () =>
    given(started()).when(failCard(charge(), cancelledThere)).then(cardFailed(cancelledThere)))
  it('changes nothing when it is not the payment’s, or that has ended', () => {
    given(started())
      .when(failCard(charge('pi_2'), cancelledThere))
      .thenNothing()
    for (const end of [charged(), calledOff()])
      given(started(), end).when(failCard(charge(), cancelledThere)).thenNothing()
  })
})

describe('whatever the processor tells, in any order and any number of times', () => {
  type Decide = (payment: Payment) => readonly PaymentEvent[]
  const play = (decisions: readonly Decide[]) =>
    decisions.reduce<readonly PaymentEvent[]>((events, decide) => [...events, ...decide(fold(events))], [])
  const of = (events: readonly PaymentEvent[], type: PaymentEvent['type']) =>
    events.filter((event) => event.type === type).length

  const begin = startCard(charge())
  const declines = [1, 2, 3].map((n) => declineCard(decline(n)))
  const paid = takeCardMoney(charge())
  const overs = [closeUnstarted(charge()), closeCard(charge(), undefined), failCard(charge(), cancelledThere)]
  const anything = fc.array(fc.constantFrom<Decide>(begin, ...declines, ...overs), { maxLength: 20 })

  it('money that was taken is on record, once', () =>
    fc.assert(
      fc.property(anything, anything, anything, (before, between, after) => {
        const events = play([...before, paid, ...between, paid, ...after])
        expect(of(events, 'PaymentSucceeded')).toBe(1)
        expect(fold(events)).toMatchObject({ status: 'SUCCEEDED', taken: 100, intentId: 'pi_1' })
      }),
    ))
  it('twice is once', () =>
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<Decide>(begin, ...declines, ...overs, paid), { maxLength: 20 }),
        (decisions) => {
          expect(play(decisions.flatMap((each) => [each, each]))).toEqual(play(decisions))
        },
      ),
    ))
  it('a payment that nobody made ends once', () =>
    fc.assert(
      fc.property(anything, (decisions) => {
        const events = play(decisions)
        expect(of(events, 'PaymentFailed') + of(events, 'PaymentCancelled')).toBeLessThanOrEqual(1)
        expect(of(events, 'CardPaymentStarted')).toBeLessThanOrEqual(1)
        expect(of(events, 'CardDeclined')).toBeLessThanOrEqual(3)
      }),
    ))
})
