import { expect } from 'vitest'
import type { Sku } from '../domain/product.ts'
import type { Logged } from './shop.ts'

/** What became of the pieces of a product. */
export interface StockLevel {
  readonly received: number
  readonly available: number
  readonly reserved: number
  readonly writtenOff: number
}

const NONE: StockLevel = { received: 0, available: 0, reserved: 0, writtenOff: 0 }

/**
 * What became of the pieces of each product, by the events alone. Checks promise 3 on the way: what is available and
 * what is reserved in a warehouse is never negative, after any event of the log.
 */
export const stockLevels = (log: readonly Logged[]): ReadonlyMap<Sku, StockLevel> => {
  const levels = new Map<Sku, StockLevel>()
  const shelves = new Map<string, StockLevel>()
  const move = (sku: Sku, warehouse: string, moved: Partial<StockLevel>) => {
    const shelf = `${sku} in ${warehouse}`
    const after = plus(shelves.get(shelf) ?? NONE, moved)
    expect(Math.min(after.available, after.reserved), shelf).toBeGreaterThanOrEqual(0)
    shelves.set(shelf, after)
    levels.set(sku, plus(levels.get(sku) ?? NONE, moved))
  }
  for (const { type, data } of log) {
    if (type === 'StockReceived')
      move(data.sku, data.warehouse, { received: data.quantity, available: data.quantity })
    if (type === 'StockReserved' || type === 'StockReleased' || type === 'StockWrittenOff')
      for (const { warehouse, quantity } of data.parts) move(data.sku, warehouse, MOVES[type](quantity))
  }
  return levels
}

const MOVES = {
  StockReserved: (pieces: number) => ({ available: -pieces, reserved: pieces }),
  StockReleased: (pieces: number) => ({ available: pieces, reserved: -pieces }),
  StockWrittenOff: (pieces: number) => ({ reserved: -pieces, writtenOff: pieces }),
}

const plus = (level: StockLevel, moved: Partial<StockLevel>): StockLevel => ({
  received: level.received + (moved.received ?? 0),
  available: level.available + (moved.available ?? 0),
  reserved: level.reserved + (moved.reserved ?? 0),
  writtenOff: level.writtenOff + (moved.writtenOff ?? 0),
})
