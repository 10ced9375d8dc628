import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { minutesAfterNoon } from '../domain/controls.ts'
import { isRefusal } from '../eventstore/decision.ts'
import { scenario } from '../eventstore/scenario.ts'
import { claimed, failed, postponed, queued, sent, unknown } from './controls.ts'
import { claim, delivered, doubt, fail, giveUp, idOf, notification, postpone, queue } from './notification.ts'
import type { Notification } from './notification.ts'

const { given, fold } = scenario(notification)
const soon = minutesAfterNoon(1)

describe('a message', () => {
  it('is queued once', () => {
    given().when(queue(queued().data)).then(queued())
    given(queued()).when(queue(queued().data)).thenNothing()
    given(queued(), claimed(), sent()).when(queue(queued().data)).thenNothing()
  })

  it('has a stream for each order, event and audience', () => {
    expect(idOf(queued('SHOP').data)).toBe('c0000000-0000-4000-8000-000000000001-1-shop')
  })

  it('is claimed by one, before it is sent', () => {
    given(queued()).when(claim(soon)).then(claimed())
    given(queued(), claimed()).when(claim(soon)).thenRefused({ code: 'NOT_WAITING' })
  })

  it('that went out or will never be taken is not claimed again', () => {
    for (const end of [sent(), failed('BLOCKED'), unknown()])
      given(queued(), claimed(), end).when(claim(soon)).thenRefused({ code: 'NOT_WAITING' })
  })

  it('that was certainly not sent may be claimed again', () => {
    given(queued(), claimed()).when(postpone('RATE_LIMITED', soon)).then(postponed('RATE_LIMITED'))
    given(queued(), claimed(), postponed('RATE_LIMITED')).when(claim(soon)).then(claimed(2))
  })

  it('is delivered, or refused for good', () => {
    given(queued(), claimed()).when(delivered()).then(sent())
    given(queued(), claimed()).when(fail('BLOCKED')).then(failed('BLOCKED'))
  })

  it('is doubtful when nobody says what became of it, unless somebody else has claimed it since', () => {
    given(queued(), claimed()).when(doubt(1)).then(unknown())
    given(queued(), claimed(), postponed('UNREACHABLE'), claimed(2)).when(doubt(1)).thenNothing()
    given(queued(), claimed(), sent()).when(doubt(1)).thenNothing()
  })

  it('is doubtful no more when somebody says so after all; it is not sent again', () => {
    given(queued(), claimed(), unknown()).when(delivered()).then(sent())
    given(queued(), claimed(), unknown()).when(fail('BLOCKED')).then(failed('BLOCKED'))
    given(queued(), claimed(), unknown()).when(postpone('UNREACHABLE', soon)).thenNothing()
  })

  it('is given up only while nobody sends it', () => {
    given(queued()).when(giveUp('TOO_OLD')).then(failed('TOO_OLD'))
    given(queued(), claimed()).when(giveUp('TOO_OLD')).thenNothing()
  })

  it('can’t be sent without having been claimed', () => {
    given(queued()).whenImpossible(delivered())
    given(queued()).whenImpossible(fail('BLOCKED'))
    given(queued()).whenImpossible(postpone('UNREACHABLE', soon))
    given().whenImpossible(claim(soon))
  })

  it('is sent at most once, whatever several senders do and learn, in whichever order', () => {
    const step = fc.constantFrom('CLAIM', 'REACHES', 'IS_LIMITED', 'IS_LOST', 'IS_DOUBTED')
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        let state: Notification = fold([queued()])
        let [arrivals, requests] = [0, 0]
        for (const each of steps) {
          const isOpen = requests > 0
          const decision =
            each === 'CLAIM'
              ? claim(soon)(state)
              : each === 'IS_DOUBTED'
                ? doubt(state.status === 'NONE' ? 0 : state.tries)(state)
                : isOpen && each === 'REACHES'
                  ? delivered()(state)
                  : isOpen && each === 'IS_LIMITED'
                    ? postpone('RATE_LIMITED', soon)(state)
                    : []
          if (isRefusal(decision)) continue
          if (each === 'CLAIM') requests++
          else if (isOpen && each !== 'IS_DOUBTED') {
            requests--
            // A lost answer: it arrived, and nobody knows.
            if (each !== 'IS_LIMITED') arrivals++
          }
          state = decision.reduce(notification.evolve, state)
        }
        expect(arrivals).toBeLessThanOrEqual(1)
      }),
    )
  })
})
