import { Map } from 'immutable'
import type { Warehouse } from '../../domain/product.ts'
import { impossible } from '../../eventstore/decision.ts'
import type { Part, Parts, StockEvent } from './events.ts'

/** What one warehouse has of a product. */
export interface Level {
  readonly onHand: number
  /** The part of it that waits for orders to be paid. */
  readonly reserved: number
}

/** What all warehouses have of a product. */
export type Levels = Map<Warehouse, Level>

export const noLevels: Levels = Map()

const EMPTY: Level = { onHand: 0, reserved: 0 }

export const levelIn = (levels: Levels, warehouse: Warehouse): Level => levels.get(warehouse) ?? EMPTY

export const availableOf = ({ onHand, reserved }: Level): number => onHand - reserved

/** The sum over all warehouses. */
export const totalOf = (levels: Levels): Level =>
  levels.reduce(
    (sum, { onHand, reserved }) => ({ onHand: sum.onHand + onHand, reserved: sum.reserved + reserved }),
    EMPTY,
  )

/** How many warehouses hold some. */
export const holding = (levels: Levels): number => levels.count(({ onHand }) => onHand > 0)

/** What an event makes of the levels. */
export const levelsAfter = (levels: Levels, { type, data }: StockEvent): Levels => {
  switch (type) {
    case 'StockReceived':
    case 'StockCorrected':
      return levels.set(data.warehouse, { ...levelIn(levels, data.warehouse), onHand: data.onHand })
    case 'StockReserved':
      return moving(levels, data.parts, ({ onHand, reserved }, n) => ({ onHand, reserved: reserved + n }))
    case 'ReservationRefused':
      return levels
    case 'StockReleased':
      return moving(levels, data.parts, ({ onHand, reserved }, n) => ({ onHand, reserved: reserved - n }))
    case 'StockWrittenOff':
      return moving(levels, data.parts, ({ onHand, reserved }, n) => ({
        onHand: onHand - n,
        reserved: reserved - n,
      }))
    default:
      return type satisfies never
  }
}

const moving = (levels: Levels, parts: Parts, move: (level: Level, quantity: number) => Level): Levels =>
  parts.reduce((moved, { warehouse, quantity }) => {
    const level = moved.get(warehouse) ?? impossible(`stock moved in ${warehouse}, which never had any`)
    return moved.set(warehouse, move(level, quantity))
  }, levels)

/**
 * Which warehouses serve an order: always the one that has most available, by name among equals, until nothing
 * is missing. So one warehouse that can serve it whole does; otherwise it comes in as few parcels as can be;
 * and the same levels always give the same parts. Undefined if there are not enough.
 */
export const split = (levels: Levels, quantity: number): Parts | undefined => {
  const parts: Part[] = []
  let missing = quantity
  for (const { warehouse, available } of byMostAvailable(levels)) {
    const taken = Math.min(missing, available)
    if (taken === 0) break
    parts.push({ warehouse, quantity: taken })
    missing -= taken
  }
  return missing === 0 ? parts : undefined
}

const byMostAvailable = (levels: Levels) =>
  [...levels]
    .map(([warehouse, level]) => ({ warehouse, available: availableOf(level) }))
    .sort((a, b) => b.available - a.available || (a.warehouse < b.warehouse ? -1 : 1))
