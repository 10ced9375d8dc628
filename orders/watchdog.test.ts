import { randomUUID } from 'node:crypto'
import { describe, expect, it, onTestFinished } from 'vitest'
import { minutesAfterNoon, noon } from '../domain/controls.ts'
import { OrderId } from '../domain/ids.ts'
import { begin } from '../eventstore/metadata.ts'
import { readForwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import { writerOf } from '../eventstore/transact.ts'
import { startEventStore } from '../tests/startEventStore.ts'
import { newOrder } from './controls.ts'
import { declineCard } from './lifecycle.ts'
import { order, place } from './order.ts'
import type { NewOrder } from './order.ts'
import type { Pump } from './pump.ts'
import { watchOrders } from './watchdog.ts'
import type { Due, WatchdogOptions } from './watchdog.ts'

const { client } = await startEventStore()
const deadline = minutesAfterNoon(10)
const orders = writerOf(order, { client, now: () => deadline, newId: randomUUID })

/** So many orders that wait for their payment, in the order of their deadlines. */
const placed = async (n: number, more: Partial<NewOrder> = {}): Promise<readonly OrderId[]> => {
  const ids = Array.from({ length: n }, () => OrderId.parse(randomUUID()))
  const cause = begin('request', 'somebody')
  await Promise.all(
    ids.map((orderId) => orders.transact(orderId, place({ ...newOrder(), ...more, orderId }), { cause })),
  )
  return ids
}

const storyOf = async (orderId: OrderId) => {
  const types: string[] = []
  for await (const { type } of readForwards(client, streamOf(order, orderId), 0)) types.push(type)
  return types
}

const dueAt =
  (payBy: Date, isOpen = true) =>
  (orderId: OrderId): Due => ({ orderId, isOpen, payBy })

/** What the read model shows, if it does not move; as much as is asked for. */
const still =
  (due: readonly Due[]): WatchdogOptions['due'] =>
  (_, limit) =>
    Promise.resolve(due.slice(0, limit))

/** Watches until the test ends; `pumped` is what was taken on so far, `looks` how many were due each time. */
const watching = (options: Partial<WatchdogOptions> & Pick<WatchdogOptions, 'due'>, pump?: Pump) => {
  const [pumped, looks, failed, blind]: [OrderId[], number[], OrderId[], number[]] = [[], [], [], []]
  const ending = new AbortController()
  const ended = watchOrders({
    orders,
    now: () => deadline,
    newId: randomUUID,
    signal: ending.signal,
    interval: 1,
    ...options,
    pump: async (orderId, cause) => {
      pumped.push(orderId)
      await pump?.(orderId, cause)
    },
    observer: {
      looked: (due) => looks.push(due),
      failed: ({ orderId }) => failed.push(orderId),
      blind: () => blind.push(performance.now()),
    },
  })
  const stop = async () => {
    ending.abort()
    await ended
  }
  onTestFinished(stop)
  return { pumped, looks, failed, blind, stop }
}

describe('an order that is due', () => {
  it('is cancelled once its deadline has passed, and goes on as every cancelled order does', async () => {
    const ids = await placed(1)
    const { pumped, looks, stop } = watching({ due: still(ids.map(dueAt(deadline))) })
    await expect.poll(() => looks.length).toBeGreaterThan(1)
    await stop()
    for (const id of ids) expect(await storyOf(id)).toEqual(['OrderPlaced', 'OrderCancelled'])
    expect(pumped).toEqual([])
  })

  it('has failed at its deadline if a card was declined, and is taken as far as it goes at once', async () => {
    const [orderId = OrderId.parse(randomUUID())] = await placed(1, { paymentMethod: 'CARD' })
    const declined = { declineCode: 'lost_card', declinedAt: noon.toISOString() }
    await orders.transact(orderId, declineCard(declined), { cause: begin('request', 'somebody') })
    const { pumped } = watching({ due: still([dueAt(deadline)(orderId)]), rest: 600_000 })
    await expect.poll(() => pumped).toEqual([orderId])
    expect(await storyOf(orderId)).toEqual(['OrderPlaced', 'OrderCardDeclined', 'OrderFailed'])
  })

  it('is taken as far as it goes, if it was cancelled before', async () => {
    const ids = await placed(1)
    const { pumped, stop } = watching({ due: still(ids.map(dueAt(deadline))), rest: 1 })
    await expect.poll(() => pumped).toEqual(expect.arrayContaining([...ids]))
    await stop()
    for (const id of ids) expect(await storyOf(id)).toEqual(['OrderPlaced', 'OrderCancelled'])
  })

  it('is taken as far as it goes, and no more, while it may still be paid', async () => {
    const ids = await placed(1)
    const early = new Date(deadline.getTime() - 1)
    const { pumped } = watching({ due: still(ids.map(dueAt(deadline))), now: () => early })
    await expect.poll(() => pumped).toEqual(ids)
    for (const id of ids) expect(await storyOf(id)).toEqual(['OrderPlaced'])
  })

  it('that has ended meanwhile keeps its end', async () => {
    const ids = await placed(1)
    const { pumped } = watching({ due: still(ids.map(dueAt(noon, false))) })
    await expect.poll(() => pumped).toEqual(ids)
    for (const id of ids) expect(await storyOf(id)).toEqual(['OrderPlaced'])
  })

  it('is cancelled once, however many watch', async () => {
    const ids = await placed(40)
    const due = still(ids.map(dueAt(deadline)))
    const other = writerOf(order, { client, now: () => deadline, newId: randomUUID })
    const watchers = [watching({ due }), watching({ due, orders: other })]
    // Whoever comes second finds it cancelled.
    await expect.poll(() => watchers.flatMap(({ pumped }) => pumped).toSorted()).toEqual(ids.toSorted())
    for (const id of ids) expect(await storyOf(id)).toEqual(['OrderPlaced', 'OrderCancelled'])
    expect(watchers.flatMap(({ failed }) => failed)).toEqual([])
  })
})

describe('orders that are due', () => {
  it('are taken on in the order of their times', async () => {
    const ids = await placed(100)
    const { pumped } = watching({ due: still(ids.map(dueAt(noon, false))) })
    await expect.poll(() => pumped).toEqual(ids)
  })

  it('rest when they were taken on, as the read model may not know yet, and are due again after that', async () => {
    const ids = await placed(3)
    const due = still(ids.map(dueAt(noon, false)))
    const { pumped, looks, stop } = watching({ due })
    await expect.poll(() => looks.length).toBeGreaterThan(20)
    await stop()
    expect(pumped).toEqual(ids)
    expect(looks.slice(0, 3)).toEqual([3, 0, 0])

    const soonAgain = watching({ due, rest: 50 })
    await expect.poll(() => soonAgain.pumped.length).toBeGreaterThanOrEqual(2 * ids.length)
    expect(soonAgain.pumped.slice(0, 6)).toEqual([...ids, ...ids])
  })

  it('are not kept from getting on by one that can’t', async () => {
    const ids = await placed(50)
    const broken = ids.slice(10, 15)
    const pump: Pump = (orderId) =>
      broken.includes(orderId) ? Promise.reject(new Error('it can’t')) : Promise.resolve()
    const { pumped, failed, looks } = watching({ due: still(ids.map(dueAt(noon, false))) }, pump)
    await expect.poll(() => pumped).toHaveLength(ids.length)
    await expect.poll(() => looks.length).toBeGreaterThan(2)
    expect(failed.toSorted()).toEqual(broken.toSorted())
  })

  it('nor by any number that can’t, and have been due for longer', async () => {
    const broken = Array.from({ length: 1_200 }, () => OrderId.parse(randomUUID()))
    const [last] = await placed(1)
    if (!last) throw new Error('no order was placed')
    const pump: Pump = (orderId) =>
      orderId === last ? Promise.resolve() : Promise.reject(new Error('it can’t'))
    const due = still([...broken, last].map(dueAt(noon, false)))
    const { pumped } = watching({ due }, pump)
    await expect.poll(() => pumped).toContain(last)
  })

  it('can’t be found now and then: it looks again, later and later', async () => {
    const ids = await placed(1)
    const FAULTS = 3
    let asked = 0
    const due: WatchdogOptions['due'] = async () => {
      if (asked++ < FAULTS) throw new Error('the read models are away')
      return ids.map(dueAt(noon, false))
    }
    const { pumped, blind, looks } = watching({ due })
    await expect.poll(() => pumped).toEqual(ids)
    expect(blind).toHaveLength(FAULTS)
    expect(looks[0]).toBe(1)
    // From half to the whole of 100 ms, of 200 and of 400.
    const [first = 0, second = 0, third = 0] = blind
    expect(second - first).toBeGreaterThanOrEqual(45)
    expect(third - second).toBeGreaterThanOrEqual(95)
  })
})

it('what is in hand is finished when it is to stop, and nothing new is begun', async () => {
  const ids = await placed(100)
  const going = Promise.withResolvers<void>()
  const { pumped, failed, stop } = watching({ due: still(ids.map(dueAt(noon, false))) }, () => going.promise)
  await expect.poll(() => pumped.length).toBeGreaterThan(0)
  const begun = pumped.length
  const stopped = stop()
  going.resolve()
  await stopped
  expect(pumped).toHaveLength(begun)
  expect(failed).toEqual([])
})
