import { describe, expect, it } from 'vitest'
import { ann, bob, orderId } from '../domain/controls.ts'
import { UndecodableEvent } from '../eventstore/codec.ts'
import type { Recorded } from '../eventstore/codec.ts'
import { Unavailable } from '../eventstore/faults.ts'
import { paid, placed } from '../orders/controls.ts'
import { deposited, opened } from '../payments/controls.ts'
import { createHub } from './hub.ts'
import type { LiveEvent } from './updates.ts'

const at = '2026-01-02T12:00:00.000Z'
const recorded = (event: LiveEvent, position: bigint): Recorded<LiveEvent> => ({
  ...event,
  id: `event ${position}`,
  stream: 'a stream',
  revision: Number(position),
  position,
  metadata: { $correlationId: 'c', $causationId: 'c', actor: 'somebody', at, schema: 1 },
})

const sink = <T>() => {
  const taken: T[] = []
  const faults: Error[] = []
  const push = (update: T) => void taken.push(update)
  return { push, fail: (error: Error) => void faults.push(error), taken, faults }
}

const began = () => {
  const hub = createHub()
  hub.begin(0n)
  const dispatch = (...events: LiveEvent[]) =>
    hub.dispatch({ events: events.map((event, n) => recorded(event, BigInt(n))), position: 9n })
  return { hub, dispatch }
}

describe('the hub', () => {
  it('tells those who watch an order, its customer or a wallet, and nobody else', () => {
    const { hub, dispatch } = began()
    const [order, another, mine, theirs, wallet] = [sink(), sink(), sink(), sink(), sink()]
    hub.watchOrder(orderId(1), order)
    hub.watchOrder(orderId(2), another)
    hub.watchOrdersOf(ann, mine)
    hub.watchOrdersOf(bob, theirs)
    hub.watchWalletOf(ann, wallet)
    dispatch(placed(), opened(), paid(), deposited(5, 5))
    expect(order.taken).toMatchObject([{ status: 'AWAITING_PAYMENT', revision: 0 }, { status: 'PAID' }])
    expect(mine.taken).toEqual(order.taken)
    expect(wallet.taken).toMatchObject([{ amount: 0, currency: 'EUR' }, { amount: 5 }])
    expect([another.taken, theirs.taken]).toEqual([[], []])
  })

  it('tells nobody who has left, and forgets them', () => {
    const { hub, dispatch } = began()
    const order = sink()
    const leave = hub.watchOrder(orderId(1), order)
    leave()
    leave()
    dispatch(placed())
    expect(order.taken).toEqual([])
    expect(hub.watchers()).toBe(0)
  })

  it('knows up to where it has told', () => {
    const { hub, dispatch } = began()
    dispatch(placed())
    expect(hub.position()).toBe(9n)
    expect(() => createHub().position()).toThrow(Unavailable)
  })

  it('is no further than its last event: beyond that, nobody knows when the read models will be', () => {
    const { hub, dispatch } = began()
    dispatch(placed())
    hub.dispatch({ events: [], position: 20n })
    expect(hub.position()).toBe(9n)
  })

  it('ends everybody at an event that cannot be read: it may have been theirs', () => {
    const { hub } = began()
    const [order, wallet] = [sink(), sink()]
    hub.watchOrder(orderId(1), order)
    hub.watchWalletOf(ann, wallet)
    const fault = new UndecodableEvent('no sense')
    const unreadable = { type: 'OrderPaid', stream: 'order-1', revision: 0, position: 1n, fault } as const
    hub.dispatch({ events: [unreadable], position: 1n })
    for (const { faults } of [order, wallet]) expect(faults).toMatchObject([{ code: 'UNAVAILABLE' }])
  })
})
