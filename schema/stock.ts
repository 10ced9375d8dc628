import { z } from 'zod'
import { Sku, Warehouse } from '../domain/product.ts'
import type { RefusedAnswer } from '../eventstore/decision.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import type { StockAnswer } from '../orders/stock/commands.ts'
import { CorrectionReason, Delivered, MAX_ON_HAND, MAX_WAREHOUSES, OnHand } from '../orders/stock/events.ts'
import type { CorrectRefusal } from '../orders/stock/stock.ts'
import type { StockDocument } from '../projections/documents.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { adminOf } from './context.ts'
import type { ApiContext } from './context.ts'
import { idempotencyConflict } from './input.ts'
import { tokenOf } from '../service/opaque.ts'
import { orderRefusal } from './orderRefusals.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { forAdmins, mutationWithin, queryOver } from './resolver.ts'
import type { Shop } from './shop.ts'

export interface StockParts {
  readonly shop: Pick<Shop, 'catalogue' | 'stocks'>
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

/** Any sku and any number of pieces: those that can't be have typed answers. */
const request = { sku: z.string(), warehouse: Warehouse, idempotencyKey: IdempotencyKey }
const Receive = z.object({ input: z.object({ ...request, quantity: z.int() }) })
const Correct = z.object({ input: z.object({ ...request, onHand: z.int(), reason: CorrectionReason }) })

/** Stock: what there is of a product, and where; receive and correct it. */
export const stockResolvers = ({ shop: { catalogue, stocks }, readModels, limit }: StockParts) => {
  const mutation = mutationWithin(limit)
  const isSold = async (sku: Sku) => (await catalogue.product(sku)) !== undefined

  return {
    Query: {
      stock: queryOver(readModels, 'stock')(z.object({ sku: z.string() }), async ({ args }) => {
        const sku = Sku.safeParse(args.sku)
        const found = sku.success ? await readModels.stock(sku.data) : undefined
        return found ? stockOf(found) : null
      }),
    },

    Mutation: {
      receiveStock: forAdmins(
        mutation(Receive, async ({ args: { input }, viewer, context }) => {
          const sku = Sku.safeParse(input.sku)
          if (!sku.success) return unknownProduct(input.sku)
          if (!Delivered.safeParse(input.quantity).success) return outOfRange(1)
          const cause = begin(context.requestId, viewer.id)
          const delivery = { ...input, sku: sku.data }
          // What was accepted once keeps its answer, though the product or the catalogue may be gone by now.
          if (!(await stocks.isRepeated(delivery, cause)) && !(await isSold(delivery.sku)))
            return unknownProduct(input.sku)
          return answerOf(await stocks.receiveStock(delivery, cause), 1)
        }),
      ),

      correctStock: forAdmins(
        mutation(Correct, async ({ args: { input }, viewer, context }) => {
          const sku = Sku.safeParse(input.sku)
          if (!sku.success) return unknownProduct(input.sku)
          if (!OnHand.safeParse(input.onHand).success) return outOfRange(0)
          const cause = begin(context.requestId, viewer.id)
          // What is left of a product that is not sold any more is still counted, also while the catalogue is away.
          if (!(await stocks.isKept(sku.data, cause)) && !(await isSold(sku.data)))
            return unknownProduct(input.sku)
          return answerOf(await stocks.correctStock({ ...input, sku: sku.data }, cause), 0)
        }),
      ),
    },
  }
}

/** Where and how much is the shop's business; whether it can be had is everybody's. */
const stockOf = ({ _id: sku, warehouses, total, revision, position }: StockDocument) => ({
  sku,
  available: total.available,
  total: shownToAdmins(total),
  warehouses: shownToAdmins(warehouses),
  revision,
  consistencyToken: tokenOf(position),
})

/** A field as GraphQL calls it; throws FORBIDDEN for everybody else. */
const shownToAdmins =
  <T>(value: T) =>
  (_: unknown, context: ApiContext): T => {
    adminOf(context)
    return value
  }

const answerOf = (answer: StockAnswer | RefusedAnswer<CorrectRefusal>, least: number) => {
  if (answer.refused) return refusal(answer.refused, least)
  const { position, ...stock } = answer
  return { __typename: 'StockReceipt', ...stock, consistencyToken: tokenOf(position) } as const
}

const unknownProduct = (sku: string) => orderRefusal({ code: 'UNKNOWN_PRODUCT', sku })

const outOfRange = (least: number) =>
  ({
    __typename: 'QuantityOutOfRange',
    message: `It must be ${least} to ${MAX_ON_HAND} pieces, and no more in all warehouses together.`,
    most: MAX_ON_HAND,
  }) as const

const refusal = (refused: CorrectRefusal, least: number) => {
  switch (refused.code) {
    case 'QUANTITY_OUT_OF_RANGE':
      return outOfRange(least)
    case 'TOO_MANY_WAREHOUSES': {
      const message = `A product can be in ${MAX_WAREHOUSES} warehouses at the most; empty another one first.`
      return { __typename: 'TooManyWarehouses', message, most: MAX_WAREHOUSES } as const
    }
    case 'BELOW_RESERVED': {
      const { reserved } = refused
      const message = `${reserved} of them are reserved for orders; cancel some of those first.`
      return { __typename: 'BelowReserved', message, reserved } as const
    }
    case 'IDEMPOTENCY_CONFLICT':
      return idempotencyConflict
    default:
      return refused satisfies never
  }
}
