import type { Warehouse } from '../domain/product.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { impossible } from '../eventstore/decision.ts'
import { stockEvents } from '../orders/stock/events.ts'
import type { Parts } from '../orders/stock/events.ts'
import { StockView } from './documents.ts'
import type { StockLevel } from './documents.ts'
import { projection } from './projection.ts'

const { StockReceived, StockCorrected, StockReserved, StockReleased, StockWrittenOff } = stockEvents
const events = { StockReceived, StockCorrected, StockReserved, StockReleased, StockWrittenOff }

/** What every warehouse has of each product, and how it came to that. */
export const stock = projection({
  name: 'stock',
  version: 1,
  events,
  view: StockView,
  indexes: [],
  id: ({ data }) => data.sku,
  // Whatever a stream begins with: an order may be refused, or given up, before anything has arrived.
  begins: ({ revision }) => revision === 0,
  apply: (stock, event) => {
    const warehouses = [...shelvesAfter(stock?.warehouses ?? [], event)]
    return { _id: event.data.sku, warehouses, total: totalOf(warehouses), revision: event.revision }
  },
})

/** Events that move pieces: all but a refusal. */
type Moving = EventOf<typeof events>

type Shelf = StockView['warehouses'][number]
type Shelves = readonly Shelf[]

/** A level without what follows from the rest of it. */
type Counts = Omit<StockLevel, 'available'>

const nothing: Counts = { onHand: 0, reserved: 0, received: 0, corrected: 0, writtenOff: 0 }

const shelvesAfter = (shelves: Shelves, { type, data }: Moving): Shelves => {
  switch (type) {
    case 'StockReceived': {
      const { warehouse, quantity, onHand } = data
      return changed(shelves, warehouse, (level) => ({
        ...level,
        onHand,
        received: level.received + quantity,
      }))
    }
    case 'StockCorrected': {
      const { warehouse, onHand, before } = data
      return changed(shelves, warehouse, (level) => ({
        ...level,
        onHand,
        corrected: level.corrected + onHand - before,
      }))
    }
    case 'StockReserved':
      return moved(shelves, data.parts, (level, n) => ({ ...level, reserved: level.reserved + n }))
    case 'StockReleased':
      return moved(shelves, data.parts, (level, n) => ({ ...level, reserved: level.reserved - n }))
    case 'StockWrittenOff':
      return moved(shelves, data.parts, (level, n) => ({
        ...level,
        onHand: level.onHand - n,
        reserved: level.reserved - n,
        writtenOff: level.writtenOff + n,
      }))
    default:
      return type satisfies never
  }
}

/** One warehouse's level changed; it gets its place by name if it is the first time. */
const changed = (shelves: Shelves, warehouse: Warehouse, change: (level: Counts) => Counts): Shelves => {
  const before = shelves.find((shelf) => shelf.warehouse === warehouse)
  const after = { warehouse, ...levelOf(change(before ?? nothing)) }
  return before
    ? shelves.map((shelf) => (shelf === before ? after : shelf))
    : [...shelves, after].sort((a, b) => (a.warehouse < b.warehouse ? -1 : 1))
}

const moved = (shelves: Shelves, parts: Parts, move: (level: Counts, quantity: number) => Counts): Shelves =>
  parts.reduce(
    (all, { warehouse, quantity }) => changed(all, warehouse, (level) => move(level, quantity)),
    shelves,
  )

const levelOf = ({ onHand, reserved, received, corrected, writtenOff }: Counts): StockLevel =>
  reserved < 0 || reserved > onHand
    ? impossible(`${reserved} pieces reserved of ${onHand}`)
    : { onHand, reserved, available: onHand - reserved, received, corrected, writtenOff }

const totalOf = (shelves: Shelves): StockLevel =>
  levelOf(
    shelves.reduce<Counts>(
      (sum, level) => ({
        onHand: sum.onHand + level.onHand,
        reserved: sum.reserved + level.reserved,
        received: sum.received + level.received,
        corrected: sum.corrected + level.corrected,
        writtenOff: sum.writtenOff + level.writtenOff,
      }),
      nothing,
    ),
  )
