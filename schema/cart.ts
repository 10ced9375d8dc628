import { z } from 'zod'
import type { UserId } from '../domain/ids.ts'
import { PaymentMethod } from '../domain/payment.ts'
import { MAX_LINES, MAX_QUANTITY, Sku } from '../domain/product.ts'
import { impossible } from '../eventstore/decision.ts'
import type { RefusedAnswer } from '../eventstore/decision.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import type { AddRefusal, EmptyCart, SetQuantityRefusal } from '../orders/cart/cart.ts'
import type { CartAnswer } from '../orders/cart/commands.ts'
import type { Items } from '../orders/cart/items.ts'
import type { OrderCommands, PlaceOrder } from '../orders/commands.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { cartAnswer } from './cartAnswer.ts'
import type { AnyCart } from './cartAnswer.ts'
import type { ApiContext } from './context.ts'
import { justPlaced } from '../orders/shown.ts'
import { orderRefusal } from './orderRefusals.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { mutationWithin, queryOver } from './resolver.ts'
import type { Shop } from './shop.ts'

export interface CartParts {
  readonly shop: Pick<Shop, 'catalogue' | 'carts' | 'checkOuts'>
  readonly orders: OrderCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

const request = { idempotencyKey: IdempotencyKey }
/** Any sku and any number of pieces: those that can't be have typed answers. */
const Quantity = z.object({ input: z.object({ ...request, sku: z.string(), quantity: z.int() }) })
const Remove = z.object({ input: z.object({ ...request, sku: Sku }) })
const Clear = z.object({ input: z.object(request) })
const Checkout = z.object({ input: z.object({ ...request, paymentMethod: PaymentMethod }) })

type Refusal = AddRefusal | SetQuantityRefusal

/** Everybody's own cart, which nobody else can name: look into it, fill it, make an order of it. */
export const cartResolvers = ({ shop, orders, readModels, limit }: CartParts) => {
  const { carts, checkOuts, catalogue } = shop
  const mutation = mutationWithin(limit)
  const shown = cartAnswer({ catalogue, readModels })

  const answerOf = (sku: string, answer: CartAnswer | RefusedAnswer<Refusal>, context: ApiContext) =>
    answer.refused ? refusal(sku, answer.refused) : shown(answer, context)

  return {
    Query: {
      cart: queryOver(readModels, 'carts')(z.object({}), async ({ viewer, context }) => {
        const found = await readModels.cart(viewer.id)
        return shown(found ? { ...found, customerId: found._id } : untouched(viewer.id), context)
      }),
    },

    Mutation: {
      addToCart: mutation(Quantity, async ({ args: { input }, viewer, context }) => {
        const sku = Sku.safeParse(input.sku)
        if (!sku.success) return refusal(input.sku, { code: 'UNKNOWN_PRODUCT' })
        const wanted = { ...input, customerId: viewer.id, sku: sku.data }
        const cause = begin(context.requestId, viewer.id)
        return answerOf(input.sku, await carts.addToCart(wanted, cause), context)
      }),

      setCartQuantity: mutation(Quantity, async ({ args: { input }, viewer, context }) => {
        const sku = Sku.safeParse(input.sku)
        if (!sku.success) return refusal(input.sku, { code: 'NOT_IN_CART' })
        const wanted = { ...input, customerId: viewer.id, sku: sku.data }
        const cause = begin(context.requestId, viewer.id)
        return answerOf(input.sku, await carts.setCartQuantity(wanted, cause), context)
      }),

      removeFromCart: mutation(Remove, async ({ args: { input }, viewer, context }) => {
        const cause = begin(context.requestId, viewer.id)
        const answer = await carts.removeFromCart({ ...input, customerId: viewer.id }, cause)
        return answerOf(input.sku, answer, context)
      }),

      clearCart: mutation(Clear, async ({ args: { input }, viewer, context }) => {
        const cause = begin(context.requestId, viewer.id)
        return answerOf('', await carts.clearCart({ ...input, customerId: viewer.id }, cause), context)
      }),

      checkout: mutation(Checkout, async ({ args: { input }, viewer, context }) => {
        const customerId = viewer.id
        const cause = begin(context.requestId, customerId)
        const placing = (lines: Items): PlaceOrder => ({ ...input, customerId, lines, fromCart: true })
        const checkout = {
          customerId,
          placedBefore: () => orders.placedBefore(placing([])),
          placeOrder: (lines: Items) => orders.placeOrder(placing(lines), cause),
        }
        const answer = await checkOuts.checkOut(checkout, cause)
        return answer.refused
          ? checkoutRefusal(answer.refused)
          : ({ __typename: 'Order', ...justPlaced(answer.order, answer.position) } as const)
      }),
    },
  }
}

const untouched = (customerId: UserId): AnyCart => ({ customerId, items: [], revision: -1, position: 0n })

const refusal = (sku: string, refused: Refusal) => {
  switch (refused.code) {
    case 'NOT_AVAILABLE': {
      const { available } = refused
      const message =
        available === 0 ? 'This product is sold out.' : `There are only ${available} of this product left.`
      return { __typename: 'NotAvailable', message, sku, available } as const
    }
    case 'NOT_IN_CART':
      return { __typename: 'NotInCart', message: 'This product is not in your cart.', sku } as const
    case 'TOO_MANY_LINES': {
      const message = `A cart holds at most ${MAX_LINES} different products.`
      return { __typename: 'TooManyLines', message, most: MAX_LINES } as const
    }
    case 'QUANTITY_OUT_OF_RANGE':
      return orderRefusal({ code: 'QUANTITY_OUT_OF_RANGE', most: MAX_QUANTITY })
    case 'UNKNOWN_PRODUCT':
      return orderRefusal({ code: 'UNKNOWN_PRODUCT', sku })
    case 'IDEMPOTENCY_CONFLICT':
      return orderRefusal(refused)
    default:
      return refused satisfies never
  }
}

type OrderRefusal = Exclude<Awaited<ReturnType<OrderCommands['placeOrder']>>['refused'], undefined>

const checkoutRefusal = (refused: EmptyCart | OrderRefusal) => {
  switch (refused.code) {
    case 'EMPTY_CART':
      return { __typename: 'EmptyCart', message: 'There is nothing in your cart.' } as const
    case 'EMPTY_ORDER':
    case 'TOO_MANY_LINES':
    case 'QUANTITY_OUT_OF_RANGE':
      return impossible(`a cart whose order is refused: ${refused.code}`)
    default:
      return orderRefusal(refused)
  }
}
