import fc from 'fast-check'
import { north, south, teapot } from '../../domain/controls.ts'
import { Warehouse } from '../../domain/product.ts'
import { isRefusal } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import type { Searched } from '../../eventstore/verdicts.ts'
import { line } from './controls.ts'
import type { StockEvent } from './events.ts'
import { correct, receive, release, reserve, standingOf, stock, writeOff } from './stock.ts'
import type { Closed, Stock } from './stock.ts'

/** Anything that is asked of a stock, for properties. */
export const warehouses = [north, south, Warehouse.parse('east'), Warehouse.parse('west')]
export const warehouse = fc.constantFrom(...warehouses)
/** The n-th order or key. */
export const n = fc.integer({ min: 1, max: 9 })

const request = fc.oneof(
  fc.record({
    what: fc.constant('receive' as const),
    key: n,
    warehouse,
    pieces: fc.integer({ min: 1, max: 20 }),
  }),
  fc.record({
    what: fc.constant('correct' as const),
    key: n,
    warehouse,
    pieces: fc.integer({ min: 0, max: 9 }),
  }),
  fc.record({ what: fc.constantFrom('reserve' as const, 'release' as const, 'writeOff' as const), n }),
)
export type Request = typeof request extends fc.Arbitrary<infer R> ? R : never

/** Orders want different quantities, and each always the same. */
export const lineOf = (n: number) => line(n, 1 + ((n * 5) % 11))

export const ask = (
  request: Request,
  searched?: Searched<Closed>,
): ((stock: Stock) => Decision<StockEvent, unknown>) => {
  switch (request.what) {
    case 'receive':
    case 'correct': {
      const { what, key, warehouse, pieces } = request
      const keyed = { sku: teapot, warehouse, idempotencyKey: `key ${key}` }
      const fingerprint = `${what} ${pieces} in ${warehouse}`
      return what === 'receive'
        ? receive({ ...keyed, fingerprint, quantity: pieces })
        : correct({ ...keyed, fingerprint, onHand: pieces, reason: 'counted' })
    }
    case 'reserve':
      return reserve(lineOf(request.n), searched)
    case 'release':
      return release(lineOf(request.n), searched)
    case 'writeOff':
      return writeOff(lineOf(request.n), searched)
    default:
      return request satisfies never
  }
}

/** What nobody asks for: an order is paid only if it was reserved, and never given up after that. */
const isAbsurd = (stock: Stock, request: Request): boolean => {
  if (request.what !== 'release' && request.what !== 'writeOff') return false
  const standing = standingOf(stock, lineOf(request.n))
  const status = standing.known === 'YES' ? standing.verdict.status : 'UNKNOWN'
  return request.what === 'release'
    ? status === 'WRITTEN_OFF'
    : status !== 'RESERVED' && status !== 'WRITTEN_OFF'
}

/** All that comes of the requests, and those of them that were not refused. */
export const play = (requests: readonly Request[]) => {
  const events: StockEvent[] = []
  const accepted: Request[] = []
  let state = stock.initial
  for (const each of requests) {
    if (isAbsurd(state, each)) continue
    const decided = ask(each)(state)
    if (isRefusal(decided)) continue
    accepted.push(each)
    events.push(...decided)
    state = decided.reduce(stock.evolve, state)
  }
  return { events, accepted, state }
}

/** Long ones too: by itself fast-check prefers a handful, in which hardly an order has a story. */
export const requests = fc.array(request, { maxLength: 60, size: 'max' })
