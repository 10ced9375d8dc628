import type { Sku, Warehouse } from '../../domain/product.ts'
import { impossible } from '../../eventstore/decision.ts'
import type { RefusedAnswer } from '../../eventstore/decision.ts'
import { fingerprint } from '../../eventstore/idempotency.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { answered } from '../../eventstore/requests.ts'
import type { Outcome, Writer } from '../../eventstore/transact.ts'
import type { StockEvent } from './events.ts'
import { availableOf, totalOf } from './levels.ts'
import type { Level } from './levels.ts'
import { correct, receive } from './stock.ts'
import type { CorrectRefusal, ReceiveRefusal, Stock } from './stock.ts'

/** Pieces of a product. */
export interface Pieces {
  readonly onHand: number
  readonly reserved: number
  readonly available: number
}

/** A product's stock as a command left it; `position` is where in the log that stands. */
export interface StockAnswer {
  readonly refused?: never
  readonly sku: Sku
  /** By name. */
  readonly warehouses: readonly (Pieces & { readonly warehouse: Warehouse })[]
  readonly total: Pieces
  /** Revision of the event that the command caused. */
  readonly revision: number
  readonly position: bigint
}

interface Request {
  readonly sku: Sku
  readonly warehouse: Warehouse
  /** The shop's, whichever admin uses it: a delivery that two of them enter under its number is entered once. */
  readonly idempotencyKey: string
}

/**
 * What admins can do to stock, and what must be known of it for certain before something is decided. The same key
 * with the same input answers as the first time.
 */
export const stockCommands = (stocks: Writer<Stock, StockEvent>) => {
  /** As the stream has it at this moment: what appends nothing is only believed on what was just read. */
  const newest = async (sku: Sku, cause: Cause): Promise<Stock> =>
    (await stocks.transact(sku, () => [], { cause })).state

  return {
    /** Pieces that can be reserved now. A read model would not yet know what was received a moment ago. */
    availableOf: async (sku: Sku, cause: Cause): Promise<number> =>
      availableOf(totalOf((await newest(sku, cause)).levels)),

    /** Whether anything has ever happened to the product's stock. */
    isKept: async (sku: Sku, cause: Cause): Promise<boolean> => (await newest(sku, cause)).revision >= 0,

    /** Whether a request with this key was carried out before. */
    isRepeated: async (
      { sku, idempotencyKey }: Pick<Request, 'sku' | 'idempotencyKey'>,
      cause: Cause,
    ): Promise<boolean> => answered((await newest(sku, cause)).requests, idempotencyKey) !== undefined,

    receiveStock: async (
      input: Request & { readonly quantity: number },
      cause: Cause,
    ): Promise<StockAnswer | RefusedAnswer<ReceiveRefusal>> => {
      const { sku, warehouse, quantity, idempotencyKey } = input
      const print = fingerprint('receiveStock', warehouse, quantity)
      const request = { sku, warehouse, quantity, idempotencyKey, fingerprint: print }
      return answerTo(input, await stocks.transact(sku, receive(request), { cause }))
    },

    correctStock: async (
      input: Request & { readonly onHand: number; readonly reason: string },
      cause: Cause,
    ): Promise<StockAnswer | RefusedAnswer<CorrectRefusal>> => {
      const { sku, warehouse, onHand, reason, idempotencyKey } = input
      const print = fingerprint('correctStock', warehouse, onHand, reason)
      const request = { sku, warehouse, onHand, reason, idempotencyKey, fingerprint: print }
      return answerTo(input, await stocks.transact(sku, correct(request), { cause }))
    },
  }
}
export type StockCommands = ReturnType<typeof stockCommands>

const answerTo = <R>(
  { sku, idempotencyKey }: Request,
  { refused, state, position }: Outcome<Stock, StockEvent, R>,
): StockAnswer | RefusedAnswer<R> => {
  if (refused !== undefined) return { refused, position }
  const receipt = answered(state.requests, idempotencyKey)
  if (!receipt) return impossible('a request that its stock does not remember')
  const { levels, revision } = receipt
  const warehouses = [...levels]
    .map(([warehouse, level]) => ({ warehouse, ...piecesOf(level) }))
    .sort((a, b) => (a.warehouse < b.warehouse ? -1 : 1))
  return { sku, warehouses, total: piecesOf(totalOf(levels)), revision, position }
}

const piecesOf = (level: Level): Pieces => ({ ...level, available: availableOf(level) })
