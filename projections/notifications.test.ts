import { describe, expect, it } from 'vitest'
import { ann, eur, noon, orderId } from '../domain/controls.ts'
import { claimed, failed, message, postponed, queued, sent, unknown } from '../notifications/controls.ts'
import type { NotificationEvent } from '../notifications/events.ts'
import { failed as orderFailed, paid, refunded } from '../orders/controls.ts'
import type { NotificationView } from './documents.ts'
import { projections } from './all.ts'
import { at, projecting, recorded } from './scenario.ts'

const { given } = projecting(projections.notifications)

const order = `order-${orderId(1)}`
const delivery = (...events: readonly NotificationEvent[]) =>
  recorded(`notification-${orderId(1)}-1-customer`, events)

/** The order's second event: it is paid. */
const paying = recorded(order, [paid(), paid()]).slice(1)
const inbox: NotificationView = {
  _id: `${orderId(1)}:1:CUSTOMER`,
  ...message(),
  userId: ann,
  notice: { kind: 'PAID' },
  at: at(1),
  begunPosition: 200,
}
const minute = '2026-01-02T12:01:00.000Z'

describe('what a customer is told', () => {
  it('is one notice for each event', () => {
    const failure = { reason: 'NO_WALLET' } as const
    given(...recorded(order, [orderFailed(failure), refunded(30, 30)])).then(
      { ...inbox, ...at0, notice: { kind: 'FAILED', failure } },
      { ...inbox, notice: { kind: 'REFUNDED', amount: eur(30), refunded: eur(30), isFull: false } },
    )
  })

  it('is in the inbox also where there is no chat to send it to', () => given(...paying).then(inbox))

  it.each<[string, readonly NotificationEvent[], Partial<NotificationView>]>([
    ['waits', [queued()], { delivery: { status: 'WAITING', tries: 0, at: at(0) }, dueAt: at(0) }],
    [
      'is being sent',
      [queued(), claimed()],
      { delivery: { status: 'CLAIMED', tries: 1, at: at(1) }, dueAt: minute },
    ],
    [
      'waits for another try',
      [queued(), claimed(), postponed('RATE_LIMITED')],
      { delivery: { status: 'WAITING', tries: 1, reason: 'RATE_LIMITED', at: at(2) }, dueAt: minute },
    ],
    [
      'is delivered',
      [queued(), claimed(), sent()],
      { delivery: { status: 'DELIVERED', tries: 1, at: at(2) } },
    ],
    [
      'is not delivered',
      [queued(), claimed(), failed('BLOCKED')],
      { delivery: { status: 'FAILED', tries: 1, reason: 'BLOCKED', at: at(2) } },
    ],
    [
      'is in doubt',
      [queued(), claimed(), unknown()],
      { delivery: { status: 'UNKNOWN', tries: 1, at: at(2) } },
    ],
  ])('%s', (_, events, shown) => {
    given(...paying, ...delivery(...events)).then({ ...inbox, ...shown })
  })
})

const at0 = { _id: `${orderId(1)}:0:CUSTOMER`, orderRevision: 0, at: at(0), begunPosition: 100 }

it('what the shop is told is in nobody’s inbox', () => {
  given(...delivery(queued('SHOP', { kind: 'PLACED' }))).then({
    _id: `${orderId(1)}:1:SHOP`,
    ...message('SHOP'),
    notice: { kind: 'PLACED' },
    at: noon.toISOString(),
    begunPosition: 100,
    delivery: { status: 'WAITING', tries: 0, at: at(0) },
    dueAt: at(0),
  })
})

it('a delivery of what never happened stops the read model', () => {
  expect(() => given(...delivery(queued()))).toThrow(/impossible/)
})
