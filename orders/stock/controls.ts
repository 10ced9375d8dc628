import { north, noon, orderId, teapot } from '../../domain/controls.ts'
import type { Part, StockEvent } from './events.ts'
import type { PlacedLine, PlacedOrder } from './stock.ts'

type Of<T extends StockEvent['type']> = Extract<StockEvent, { type: T }>

const sku = teapot

/** The n-th order, placed n milliseconds after noon. */
export const order = (n = 1): PlacedOrder => ({
  sku,
  orderId: orderId(n),
  placedAt: new Date(noon.getTime() + n).toISOString(),
})
export const line = (n: number, quantity: number): PlacedLine => ({ ...order(n), quantity })

/** A stock's events in one word, for tests. */
export const received = (
  quantity: number,
  onHand: number,
  { warehouse = north, idempotencyKey = `key ${quantity}` } = {},
): Of<'StockReceived'> => ({
  type: 'StockReceived',
  data: { sku, warehouse, quantity, onHand, idempotencyKey, fingerprint: `receive ${quantity}` },
})

export const corrected = (
  before: number,
  onHand: number,
  { warehouse = north, idempotencyKey = `count ${onHand}` } = {},
): Of<'StockCorrected'> => ({
  type: 'StockCorrected',
  data: {
    sku,
    warehouse,
    onHand,
    before,
    reason: 'counted',
    idempotencyKey,
    fingerprint: `correct ${onHand}`,
  },
})

export const reserved = (n: number, ...parts: readonly Part[]): Of<'StockReserved'> => ({
  type: 'StockReserved',
  data: { ...order(n), parts },
})

export const reservationRefused = (
  n: number,
  wanted: number,
  available: number,
): Of<'ReservationRefused'> => ({ type: 'ReservationRefused', data: { ...order(n), wanted, available } })

export const released = (n: number, ...parts: readonly Part[]): Of<'StockReleased'> => ({
  type: 'StockReleased',
  data: { ...order(n), parts },
})

export const writtenOff = (n: number, ...parts: readonly Part[]): Of<'StockWrittenOff'> => ({
  type: 'StockWrittenOff',
  data: { ...order(n), parts },
})

export const fromNorth = (quantity: number): Part => ({ warehouse: north, quantity })
