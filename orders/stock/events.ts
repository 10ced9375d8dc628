import { z } from 'zod'
import { OrderId } from '../../domain/ids.ts'
import { Quantity, Sku, Warehouse } from '../../domain/product.ts'
import { event } from '../../eventstore/catalogue.ts'
import type { EventOf } from '../../eventstore/catalogue.ts'
import { requestKeys } from '../../eventstore/requests.ts'

/** The most pieces of one product that are ever on hand, in all warehouses together; fits into 32 bits. */
export const MAX_ON_HAND = 1_000_000_000

/**
 * The most warehouses that hold some of one product, and so the most parcels for a line of an order: five hundred
 * such events, which may be appended together, stay below the server's limit of 1 MiB.
 */
export const MAX_WAREHOUSES = 20

/** Pieces of one product that arrive at a time: 1 … 1,000,000,000. */
export const Delivered = z.int().min(1).max(MAX_ON_HAND)

/** Pieces of one product that are there: 0 … 1,000,000,000. */
export const OnHand = z.int().min(0).max(MAX_ON_HAND)

/** Why somebody corrected what the books say: 1–200 characters, not only blanks. */
export const CorrectionReason = z.string().trim().min(1).max(200)

/** What one warehouse contributes to an order. */
export const Part = z.object({ warehouse: Warehouse, quantity: Quantity })
export type Part = z.infer<typeof Part>

const Parts = z.array(Part).readonly()
export type Parts = z.infer<typeof Parts>

/** The order that a stock decided about, and when that was placed: by that time decisions are remembered. */
const ForOrder = { sku: Sku, orderId: OrderId, placedAt: z.iso.datetime() }

/** Events of `stock-<sku>`. `onHand` is what is in that warehouse after it. */
export const stockEvents = {
  StockReceived: event(
    z.object({ sku: Sku, warehouse: Warehouse, quantity: Delivered, onHand: OnHand, ...requestKeys }),
  ),
  /** Somebody counted: so many are there, whatever the books said `before`. */
  StockCorrected: event(
    z.object({
      sku: Sku,
      warehouse: Warehouse,
      onHand: OnHand,
      before: OnHand,
      reason: CorrectionReason,
      ...requestKeys,
    }),
  ),
  StockReserved: event(z.object({ ...ForOrder, parts: Parts })),
  ReservationRefused: event(z.object({ ...ForOrder, wanted: Quantity, available: OnHand })),
  /** No parts: given up before it was reserved, so that a reservation that comes late reserves nothing. */
  StockReleased: event(z.object({ ...ForOrder, parts: Parts })),
  /** The pieces were paid, and leave. */
  StockWrittenOff: event(z.object({ ...ForOrder, parts: Parts })),
}
export type StockEvent = EventOf<typeof stockEvents>
