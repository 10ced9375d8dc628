import { Map } from 'immutable'
import type { OrderId } from '../../domain/ids.ts'
import type { Sku, Warehouse } from '../../domain/product.ts'
import { codecOf } from '../../eventstore/codec.ts'
import { impossible, refuse } from '../../eventstore/decision.ts'
import type { Decision } from '../../eventstore/decision.ts'
import { nothingRemembered } from '../../eventstore/remembered.ts'
import { decidingByKey, recordRequest } from '../../eventstore/requests.ts'
import type { IdempotencyConflict, Request, Requests } from '../../eventstore/requests.ts'
import type { Aggregate } from '../../eventstore/stream.ts'
import { noVerdicts, recordVerdict, verdictOn } from '../../eventstore/verdicts.ts'
import type { Forgotten, Knowledge, Matter, Searched, Verdicts } from '../../eventstore/verdicts.ts'
import { MAX_ON_HAND, MAX_WAREHOUSES, stockEvents } from './events.ts'
import type { Parts, StockEvent } from './events.ts'
import { availableOf, holding, levelIn, levelsAfter, noLevels, split, totalOf } from './levels.ts'
import type { Levels } from './levels.ts'

/** How an order ended with a stock. */
export type Closed =
  | { readonly status: 'REFUSED'; readonly available: number }
  | { readonly status: 'RELEASED'; readonly parts: Parts }
  | { readonly status: 'WRITTEN_OFF'; readonly parts: Parts }

/** How an order stands with a stock. */
export type Reservation = { readonly status: 'RESERVED'; readonly parts: Parts } | Closed

/** What the answer to a request was, to give it again. */
export interface Receipt {
  readonly levels: Levels
  /** Revision of its event. */
  readonly revision: number
}

export interface Stock {
  /** Revision of the last event; −1 before the first. */
  readonly revision: number
  readonly levels: Levels
  /** Every open reservation, so that nothing reserved is ever forgotten. */
  readonly open: Map<OrderId, Parts>
  readonly closed: Verdicts<Closed>
  readonly requests: Requests<Receipt>
}

/** How much a stock knows again of each: at least so many, at most twice as many. */
export interface StockMemory {
  readonly closedOrders: number
  readonly requests: number
}

const initial: Stock = {
  revision: -1,
  levels: noLevels,
  open: Map(),
  closed: noVerdicts(),
  requests: nothingRemembered(),
}

const evolveRemembering =
  (memory: StockMemory) =>
  (stock: Stock, event: StockEvent): Stock => {
    const revision = stock.revision + 1
    const levels = levelsAfter(stock.levels, event)
    switch (event.type) {
      case 'StockReceived':
      case 'StockCorrected': {
        const requests = recordRequest(stock.requests, event.data, { levels, revision }, memory.requests)
        return { ...stock, revision, levels, requests }
      }
      case 'StockReserved': {
        const { orderId, parts } = event.data
        return { ...stock, revision, levels, open: stock.open.set(orderId, parts) }
      }
      case 'ReservationRefused':
      case 'StockReleased':
      case 'StockWrittenOff': {
        const order = event.data
        const open = stock.open.delete(order.orderId)
        const closed = recordVerdict(stock.closed, matterOf(order), closedBy(event), memory.closedOrders)
        return { ...stock, revision, levels, open, closed }
      }
      default:
        return event satisfies never
    }
  }

/** An event that ends an order's story with a stock. */
type Closing = Extract<StockEvent, { type: 'ReservationRefused' | 'StockReleased' | 'StockWrittenOff' }>

export const isClosing = (event: StockEvent): event is Closing =>
  event.type === 'ReservationRefused' || event.type === 'StockReleased' || event.type === 'StockWrittenOff'

export const closedBy = ({ type, data }: Closing): Closed => {
  switch (type) {
    case 'ReservationRefused':
      return { status: 'REFUSED', available: data.available }
    case 'StockReleased':
      return { status: 'RELEASED', parts: data.parts }
    case 'StockWrittenOff':
      return { status: 'WRITTEN_OFF', parts: data.parts }
    default:
      return type satisfies never
  }
}

/** Streams `stock-<sku>`: one product in all warehouses. */
export const stockRemembering = (memory: StockMemory): Aggregate<Stock, StockEvent> => ({
  category: 'stock',
  codec: codecOf(stockEvents),
  initial,
  evolve: evolveRemembering(memory),
})

export const stock = stockRemembering({ closedOrders: 5_000, requests: 5_000 })

interface InWarehouse extends Request {
  readonly sku: Sku
  readonly warehouse: Warehouse
}

export type ReceiveRefusal =
  { readonly code: 'QUANTITY_OUT_OF_RANGE' } | { readonly code: 'TOO_MANY_WAREHOUSES' } | IdempotencyConflict

/** Pieces have arrived in a warehouse. */
export const receive =
  (input: InWarehouse & { readonly quantity: number }) =>
  ({ levels, requests }: Stock): Decision<StockEvent, ReceiveRefusal> =>
    decidingByKey<Receipt, StockEvent, ReceiveRefusal>(requests, input, () => {
      const onHand = levelIn(levels, input.warehouse).onHand + input.quantity
      const code = obstacle(levels, input.warehouse, onHand)
      return code ? refuse({ code }) : [{ type: 'StockReceived', data: { ...input, onHand } }]
    })

export type CorrectRefusal = ReceiveRefusal | { readonly code: 'BELOW_RESERVED'; readonly reserved: number }

/**
 * Somebody has counted what is in a warehouse. It can't be less than what is reserved there: the orders come
 * first, so they have to be cancelled first.
 */
export const correct =
  (input: InWarehouse & { readonly onHand: number; readonly reason: string }) =>
  ({ levels, requests }: Stock): Decision<StockEvent, CorrectRefusal> =>
    decidingByKey<Receipt, StockEvent, CorrectRefusal>(requests, input, () => {
      const level = levelIn(levels, input.warehouse)
      if (input.onHand < level.reserved) return refuse({ code: 'BELOW_RESERVED', reserved: level.reserved })
      const code = obstacle(levels, input.warehouse, input.onHand)
      return code ? refuse({ code }) : [{ type: 'StockCorrected', data: { ...input, before: level.onHand } }]
    })

/** Why so much can't be on hand in a warehouse. */
const obstacle = (levels: Levels, warehouse: Warehouse, onHand: number) => {
  const before = levelIn(levels, warehouse).onHand
  if (totalOf(levels).onHand - before + onHand > MAX_ON_HAND) return 'QUANTITY_OUT_OF_RANGE'
  const isOneMore = before === 0 && onHand > 0
  return isOneMore && holding(levels) >= MAX_WAREHOUSES ? 'TOO_MANY_WAREHOUSES' : undefined
}

/** What a stock needs to know of an order: it has one line of the product at the most. */
export interface PlacedOrder {
  readonly sku: Sku
  readonly orderId: OrderId
  readonly placedAt: string
}

/** So many pieces of the product are wanted by it. */
export type PlacedLine = PlacedOrder & { readonly quantity: number }

const matterOf = ({ orderId, placedAt }: Pick<PlacedOrder, 'orderId' | 'placedAt'>): Matter => ({
  id: orderId,
  at: placedAt,
})

/** How an order stands: `NO` means that the stock has never met it. */
export const standingOf = (
  stock: Stock,
  order: PlacedOrder,
  searched?: Searched<Closed>,
): Knowledge<Reservation> => {
  const parts = stock.open.get(order.orderId)
  return parts
    ? { known: 'YES', verdict: { status: 'RESERVED', parts } }
    : verdictOn(stock.closed, matterOf(order), searched)
}

/** Decides about an order, knowing for certain how it stands; undefined if the stock has never met it. */
const knowing =
  (
    order: PlacedOrder,
    searched: Searched<Closed> | undefined,
    decide: (standing: Reservation | undefined, stock: Stock) => readonly StockEvent[],
  ) =>
  (stock: Stock): Decision<StockEvent, Forgotten> => {
    const standing = standingOf(stock, order, searched)
    return standing.known === 'FORGOTTEN'
      ? refuse({ code: 'FORGOTTEN', forgettings: standing.forgettings })
      : decide(standing.known === 'YES' ? standing.verdict : undefined, stock)
  }

/** Reserves pieces for an order, or refuses all of them; whatever was decided for it before stands. */
export const reserve = (line: PlacedLine, searched?: Searched<Closed>) =>
  knowing(line, searched, (standing, { levels }) => {
    if (standing) return []
    const parts = split(levels, line.quantity)
    if (parts) return [{ type: 'StockReserved', data: { ...identity(line), parts } }]
    const available = availableOf(totalOf(levels))
    return [{ type: 'ReservationRefused', data: { ...identity(line), wanted: line.quantity, available } }]
  })

/** The order is given up: what was reserved for it is available again, and nothing will be reserved any more. */
export const release = (order: PlacedOrder, searched?: Searched<Closed>) =>
  knowing(order, searched, (standing) => {
    switch (standing?.status) {
      case undefined:
        return [{ type: 'StockReleased', data: { ...identity(order), parts: [] } }]
      case 'RESERVED':
        return [{ type: 'StockReleased', data: { ...identity(order), parts: standing.parts } }]
      case 'REFUSED':
      case 'RELEASED':
        return []
      case 'WRITTEN_OFF':
        return impossible(`order ${order.orderId} is given up, and its pieces have left`)
      default:
        return standing satisfies never
    }
  })

/** The order is paid: what was reserved for it leaves. */
export const writeOff = (order: PlacedOrder, searched?: Searched<Closed>) =>
  knowing(order, searched, (standing) => {
    switch (standing?.status) {
      case 'RESERVED':
        return [{ type: 'StockWrittenOff', data: { ...identity(order), parts: standing.parts } }]
      case 'WRITTEN_OFF':
        return []
      case undefined:
      case 'REFUSED':
      case 'RELEASED':
        return impossible(`order ${order.orderId} is paid, and nothing is reserved for it`)
      default:
        return standing satisfies never
    }
  })

const identity = ({ sku, orderId, placedAt }: PlacedOrder): PlacedOrder => ({ sku, orderId, placedAt })
