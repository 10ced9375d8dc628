import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eur, usd } from '../../domain/controls.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { scenario } from '../../eventstore/scenario.ts'
import {
  asked,
  begun,
  cancelled,
  declined,
  depositedTopUp,
  INTENT,
  refundedAtProcessor,
  refused,
  requested,
  returned,
  returnFailed,
  succeeded,
  takenOut,
  uncovered,
} from './controls.ts'
import type { TopUpEvent } from './events.ts'
import { begin, cancel, decline, giveUp, request, succeed } from './paying.ts'
import {
  loseReturn,
  recordDeposit,
  recordFailedReturn,
  recordRefunds,
  recordReturn,
  recordReversal,
} from './settling.ts'
import { topUp } from './topUp.ts'
import type { TopUp } from './topUp.ts'

const { given, fold } = scenario(topUp)
const declining = (n = 1) =>
  decline({ intentId: INTENT, declineCode: 'insufficient_funds', eventId: `evt_${n}` })
const full = { reason: 'AMOUNT_OUT_OF_RANGE' } as const
const refund = (n: number, amount: number) => ({ id: `re_${n}`, amount: eur(amount) })

describe('a top-up', () => {
  it('is requested once', () => {
    given().when(request(asked())).then(requested())
    given(requested(), begun(), succeeded()).when(request(asked())).thenNothing()
  })
  it('is refused when its key comes again with another amount or currency', () => {
    const conflict = { code: 'IDEMPOTENCY_CONFLICT' } as const
    given(requested())
      .when(request(asked(eur(99))))
      .thenRefused(conflict)
    given(requested())
      .when(request(asked(usd(100))))
      .thenRefused(conflict)
  })
  it('has one intent, the first', () => {
    given(requested()).when(begin(INTENT)).then(begun())
    given(requested(), begun()).when(begin('pi_2')).thenNothing()
    given(requested(), cancelled('DEADLINE')).when(begin(INTENT)).thenNothing()
  })
  it('comes to nothing if the processor does not take it', () => {
    given(requested()).when(giveUp('CURRENCY')).then(refused('CURRENCY'))
    given(requested(), refused('CURRENCY')).when(giveUp('CURRENCY')).thenNothing()
    given(requested(), begun()).when(giveUp('AMOUNT')).thenNothing()
  })
})

describe('a declined card', () => {
  it('is put on record each time, and once', () => {
    given(requested(), begun()).when(declining(1)).then(declined(1))
    given(requested(), begun(), declined(1)).when(declining(1)).thenNothing()
    given(requested(), begun(), declined(1)).when(declining(2)).then(declined(2))
  })
  it('changes nothing when it is told late', () => {
    for (const end of [succeeded(), cancelled('PROCESSOR')])
      given(requested(), begun(), end).when(declining()).thenNothing()
  })
})

describe('money', () => {
  const paying = succeed(INTENT, eur(100))
  it('comes once', () => {
    given(requested(), begun(), declined()).when(paying).then(succeeded())
    for (const later of [[], [depositedTopUp()], [returned()]])
      given(requested(), begun(), succeeded(), ...later)
        .when(paying)
        .thenNothing()
  })
  it('comes also if nobody has put the intent on record', () =>
    given(requested()).when(paying).then(succeeded()))
  it('comes also if nobody expected it any more', () =>
    given(requested(), begun(), cancelled('DEADLINE')).when(paying).then(succeeded()))
  it('is what was asked for, by the intent that was made for it', () => {
    given(requested(), begun()).whenImpossible(succeed(INTENT, eur(99)))
    given(requested(), begun()).whenImpossible(succeed(INTENT, usd(100)))
    given(requested(), begun()).whenImpossible(succeed('pi_2', eur(100)))
    given(requested(), begun(), succeeded()).whenImpossible(succeed('pi_2', eur(100)))
    given(requested(), refused('AMOUNT')).whenImpossible(paying)
  })
})

describe('a top-up that nobody pays', () => {
  it('is cancelled, once', () => {
    given(requested(), begun()).when(cancel('DEADLINE')).then(cancelled('DEADLINE'))
    given(requested(), begun(), cancelled('DEADLINE')).when(cancel('PROCESSOR')).thenNothing()
  })
  it('and one that is paid is not', () =>
    given(requested(), begun(), succeeded()).when(cancel('PROCESSOR')).thenNothing())
})

describe('money that has come', () => {
  const paid = [requested(), begun(), succeeded()]
  it('is in the wallet', () => {
    given(...paid)
      .when(recordDeposit())
      .then(depositedTopUp())
    given(...paid, depositedTopUp())
      .when(recordDeposit())
      .thenNothing()
  })
  it('or on its way back to the card', () => {
    given(...paid)
      .when(recordReturn(full, 're_1'))
      .then(returned())
    given(...paid, returned())
      .when(recordReturn(full, 're_1'))
      .thenNothing()
  })
  it('or stuck, for somebody to look into', () => {
    given(...paid)
      .when(recordFailedReturn(full, 'expired_or_canceled_card'))
      .then(returnFailed('expired_or_canceled_card'))
    given(...paid, returned())
      .when(loseReturn('re_1', 'lost_or_stolen_card'))
      .then(returnFailed('lost_or_stolen_card'))
    given(...paid, returned())
      .when(loseReturn('re_2', 'lost_or_stolen_card'))
      .thenNothing()
    given(...paid, returnFailed('x'))
      .when(recordReturn(full, 're_1'))
      .thenNothing()
  })
  it('never in two places', () => {
    given(...paid, depositedTopUp()).whenImpossible(recordReturn(full, 're_1'))
    given(...paid, returned()).whenImpossible(recordDeposit())
  })
})

describe('what somebody gives back at the processor', () => {
  const inWallet = [requested(), begun(), succeeded(), depositedTopUp()]
  it('is put on record, each refund once', () => {
    given(...inWallet)
      .when(recordRefunds([refund(1, 30)]))
      .then(refundedAtProcessor(1, 30))
    given(...inWallet, refundedAtProcessor(1, 30))
      .when(recordRefunds([refund(1, 30), refund(2, 70)]))
      .then(refundedAtProcessor(2, 70))
  })
  it('has to wait until it is known where the money is', () =>
    given(requested(), begun(), succeeded())
      .when(recordRefunds([refund(1, 30)]))
      .thenRefused({ code: 'NOT_SETTLED' }))
  it('is nothing new if the wallet never had it', () =>
    given(requested(), begun(), succeeded(), returned())
      .when(recordRefunds([refund(1, 100)]))
      .thenNothing())
  it('leaves the wallet, or the shop is short of it', () => {
    const refunded = [...inWallet, refundedAtProcessor(1, 30)]
    given(...refunded)
      .when(recordReversal('re_1', eur(30), undefined))
      .then(takenOut(1, 30))
    given(...refunded, takenOut(1, 30))
      .when(recordReversal('re_1', eur(30), undefined))
      .thenNothing()
    given(...refunded)
      .when(recordReversal('re_1', eur(30), eur(20)))
      .then(uncovered(1, 30, 20))
  })
})

describe('whatever the processor tells, in any order and any number of times', () => {
  const news: Readonly<Record<string, (topUp: TopUp) => Decision<TopUpEvent, unknown>>> = {
    begin: begin(INTENT),
    succeed: succeed(INTENT, eur(100)),
    decline: declining(1),
    declineAgain: declining(2),
    cancel: cancel('PROCESSOR'),
    expire: cancel('DEADLINE'),
    request: request(asked()),
  }
  const told = fc.array(fc.constantFrom(...Object.keys(news)), { size: 'max', maxLength: 30 })
  const play = (names: readonly string[]) => {
    const events: TopUpEvent[] = [requested()]
    for (const name of names) {
      const decided = news[name]?.(fold(events)) ?? []
      if (!isRefusal(decided)) events.push(...decided)
    }
    return events
  }

  it('money that has come counts, once', () =>
    fc.assert(
      fc.property(told, (names) => {
        const events = play(names)
        const count = events.filter(({ type }) => type === 'TopUpSucceeded').length
        expect(count).toBe(names.includes('succeed') ? 1 : 0)
        expect(fold(events).status === 'PAID').toBe(names.includes('succeed'))
      }),
    ))

  it('without money it is open, or cancelled if anybody said so', () =>
    fc.assert(
      fc.property(told, (names) => {
        const unpaid = names.filter((name) => name !== 'succeed')
        const isOver = unpaid.includes('cancel') || unpaid.includes('expire')
        expect(fold(play(unpaid)).status).toBe(isOver ? 'CANCELLED' : 'PENDING')
      }),
    ))

  it('twice is once', () =>
    fc.assert(
      fc.property(told, (names) => {
        expect(play(names.flatMap((name) => [name, name]))).toEqual(play(names))
      }),
    ))
})
