import fc from 'fast-check'
import { Map } from 'immutable'
import { describe, expect, it } from 'vitest'
import { north } from '../../domain/controls.ts'
import type { Warehouse } from '../../domain/product.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import { ask, lineOf, n, play, requests, warehouse, warehouses } from './anyRequests.ts'
import type { StockEvent } from './events.ts'
import { availableOf, split, totalOf } from './levels.ts'
import type { Levels } from './levels.ts'
import { closedBy, isClosing, standingOf, stock, stockRemembering } from './stock.ts'
import type { Closed } from './stock.ts'

const pieces = (parts: Iterable<{ readonly quantity: number }>) =>
  [...parts].reduce((sum, { quantity }) => sum + quantity, 0)

/** By how much an event changes what is there: arrivals, corrections and departures. */
const changeOf = ({ type, data }: StockEvent): number => {
  switch (type) {
    case 'StockReceived':
      return data.quantity
    case 'StockCorrected':
      return data.onHand - data.before
    case 'StockWrittenOff':
      return -pieces(data.parts)
    case 'StockReserved':
    case 'StockReleased':
    case 'ReservationRefused':
      return 0
    default:
      return type satisfies never
  }
}

describe('whatever is asked of a stock, in any order and any number of times', () => {
  it('nothing is oversold, and what is reserved is what is open, in every warehouse', () =>
    fc.assert(
      fc.property(requests, (requests) => {
        let state = stock.initial
        for (const event of play(requests).events) {
          state = stock.evolve(state, event)
          const open = [...state.open.values()].flat()
          for (const [warehouse, level] of state.levels) {
            expect(availableOf(level)).toBeGreaterThanOrEqual(0)
            expect(level.reserved).toBe(pieces(open.filter((part) => part.warehouse === warehouse)))
          }
        }
      }),
    ))

  it('what arrived, as corrected, is available, reserved, or has left', () =>
    fc.assert(
      fc.property(requests, (requests) => {
        const { events, state } = play(requests)
        const total = totalOf(state.levels)
        expect(availableOf(total) + total.reserved).toBe(
          events.reduce((sum, event) => sum + changeOf(event), 0),
        )
      }),
    ))

  it('twice is once', () =>
    fc.assert(
      fc.property(requests, (requests) => {
        expect(play(requests.flatMap((each) => [each, each])).events).toEqual(play(requests).events)
      }),
    ))

  it('what was not refused changes nothing when it is delivered again, in another order', () =>
    fc.assert(
      fc.property(
        requests.chain((requests) => {
          const { accepted } = play(requests)
          return fc.tuple(fc.constant(accepted), fc.shuffledSubarray(accepted))
        }),
        ([once, again]) => {
          expect(play([...once, ...again]).events).toEqual(play(once).events)
        },
      ),
    ))

  it('each order gets one verdict and one end', () =>
    fc.assert(
      fc.property(requests, (requests) => {
        const { events } = play(requests)
        const about = (...types: readonly string[]) =>
          events.flatMap(({ type, data }) =>
            types.includes(type) && 'orderId' in data ? [data.orderId] : [],
          )
        const opened = about('StockReserved')
        const ended = about('ReservationRefused', 'StockReleased', 'StockWrittenOff')
        expect(new Set(opened).size).toBe(opened.length)
        expect(new Set(ended).size).toBe(ended.length)
      }),
    ))

  it('orders that are given up hold nothing in the end, wherever that comes before their reservations', () =>
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 40 }),
        fc.uniqueArray(n, { minLength: 1 }).chain((orders) =>
          fc.shuffledSubarray(
            [...orders, ...orders].flatMap((n) => [
              { what: 'reserve', n } as const,
              { what: 'release', n } as const,
            ]),
            { minLength: orders.length * 4 },
          ),
        ),
        (arrived, deliveries) => {
          const arriving = { what: 'receive', key: 1, warehouse: north, pieces: arrived + 1 } as const
          const { state } = play([arriving, ...deliveries])
          expect(totalOf(state.levels)).toEqual({ onHand: arrived + 1, reserved: 0 })
          for (const { n } of deliveries) {
            const standing = standingOf(state, lineOf(n))
            expect(standing.known === 'YES' && standing.verdict.status).toMatch(/RELEASED|REFUSED/)
          }
        },
      ),
    ))
})

describe('a stock that forgets, and whose stream is searched then', () => {
  const search = (events: readonly StockEvent[], n: number): Closed | undefined => {
    const about = events.findLast(({ data }) => 'orderId' in data && data.orderId === lineOf(n).orderId)
    return about && isClosing(about) ? closedBy(about) : undefined
  }

  it('decides as one that never forgets', () =>
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 3 }), (requests, closedOrders) => {
        const forgetful = stockRemembering({ closedOrders, requests: 100 })
        const { events: expected, accepted } = play(requests)
        const events: StockEvent[] = []
        let state = forgetful.initial
        for (const each of accepted) {
          let decided = ask(each)(state)
          if (isRefusal(decided) && 'n' in each) {
            const { forgettings } = state.closed
            decided = ask(each, { forgettings, found: search(events, each.n) })(state)
            expect(isRefusal(decided)).toBe(false)
          }
          if (isRefusal(decided)) continue
          events.push(...decided)
          state = decided.reduce(forgetful.evolve, state)
        }
        expect(events).toEqual(expected)
      }),
    ))
})

describe('splitting an order over warehouses', () => {
  const shelves = fc.uniqueArray(
    fc.record({ warehouse, onHand: fc.integer({ min: 0, max: 9 }), held: fc.integer({ min: 0, max: 9 }) }),
    { selector: ({ warehouse }) => warehouse },
  )
  type Shelves = typeof shelves extends fc.Arbitrary<infer S> ? S : never
  const levelsOf = (shelves: Shelves): Levels =>
    Map(
      shelves.map(({ warehouse, onHand, held }) => [warehouse, { onHand, reserved: Math.min(onHand, held) }]),
    )
  const quantity = fc.integer({ min: 1, max: 30 })
  const availableIn = (levels: Levels, warehouse: Warehouse) => {
    const level = levels.get(warehouse)
    return level ? availableOf(level) : 0
  }

  it('takes exactly what is wanted, once from each warehouse, and never more than it has', () =>
    fc.assert(
      fc.property(shelves, quantity, (shelves, wanted) => {
        const levels = levelsOf(shelves)
        const parts = split(levels, wanted)
        expect(parts !== undefined).toBe(wanted <= availableOf(totalOf(levels)))
        if (!parts) return
        expect(pieces(parts)).toBe(wanted)
        expect(new Set(parts.map(({ warehouse }) => warehouse)).size).toBe(parts.length)
        for (const { warehouse, quantity } of parts) {
          expect(quantity).toBeGreaterThan(0)
          expect(quantity).toBeLessThanOrEqual(availableIn(levels, warehouse))
        }
      }),
    ))

  it('takes as few parcels as there can be', () =>
    fc.assert(
      fc.property(shelves, quantity, (shelves, wanted) => {
        const levels = levelsOf(shelves)
        const parts = split(levels, wanted)
        fc.pre(parts !== undefined)
        for (let chosen = 0; chosen < 2 ** warehouses.length; chosen++) {
          const some = warehouses.filter((_, bit) => chosen & (1 << bit))
          const has = some.reduce((sum, warehouse) => sum + availableIn(levels, warehouse), 0)
          if (has >= wanted) expect(parts?.length).toBeLessThanOrEqual(some.length)
        }
      }),
    ))

  it('depends on nothing but the levels', () =>
    fc.assert(
      fc.property(
        shelves.chain((all) =>
          fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
        ),
        quantity,
        ([some, shuffled], wanted) => {
          expect(split(levelsOf(shuffled), wanted)).toEqual(split(levelsOf(some), wanted))
        },
      ),
    ))
})
