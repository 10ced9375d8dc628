import { z } from 'zod'

const name = /^[a-z0-9]+(?:-[a-z0-9]+)*$/
const isNoName = 'must be lower-case words and numbers joined by hyphens'

/** A product: lower-case words and numbers joined by hyphens, such as `teapot-blue-1l`; at most 64 characters. */
export const Sku = z.string().max(64).regex(name, isNoName).brand<'Sku'>()
export type Sku = z.infer<typeof Sku>

/** A place where stock is kept: lower-case words and numbers joined by hyphens; at most 32 characters. */
export const Warehouse = z.string().max(32).regex(name, isNoName).brand<'Warehouse'>()
export type Warehouse = z.infer<typeof Warehouse>

/** The most pieces of one product in a cart or an order: more is a mistake, or a talk with the shop. */
export const MAX_QUANTITY = 1_000

/** Pieces of one product that somebody wants: 1 … 1,000. */
export const Quantity = z.int().min(1).max(MAX_QUANTITY)

/** The most different products in a cart or an order. */
export const MAX_LINES = 50
