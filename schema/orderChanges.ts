import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import { PaymentMethod } from '../domain/payment.ts'
import { Sku } from '../domain/product.ts'
import { impossible } from '../eventstore/decision.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { OrderCommands, OrderContent } from '../orders/commands.ts'
import { Description } from '../orders/events.ts'
import { order } from '../orders/order.ts'
import { projections } from '../projections/all.ts'
import { badInput } from './errors.ts'
import { amountOutOfRange, isMovable, MoneyInput } from './input.ts'
import { justPlaced, orderOf } from './order.ts'
import { orderRefusal } from './orderRefusals.ts'
import { pastOf } from './past.ts'
import type { RateLimit } from '../service/rateLimit.ts'
import { forAdmins, mutationWithin } from './resolver.ts'

export interface OrderChangeParts {
  readonly client: EventStoreDBClient
  readonly orders: OrderCommands
  readonly limit: RateLimit
}

/** Any number of pieces: one that nobody may ask for has a typed answer. */
const Line = z.object({ sku: z.string(), quantity: z.int() })

const PlaceOrder = z.object({
  input: z.object({
    price: MoneyInput.nullish(),
    description: Description.nullish(),
    lines: z.array(Line).nullish(),
    paymentMethod: PaymentMethod,
    idempotencyKey: IdempotencyKey,
  }),
})
type Input = z.infer<typeof PlaceOrder>['input']

/** The key changes nothing: an order can be cancelled once. */
const CancelOrder = z.object({ input: z.object({ orderId: OrderId, idempotencyKey: IdempotencyKey }) })
const RefundOrder = z.object({
  input: z.object({ orderId: OrderId, amount: MoneyInput.nullish(), idempotencyKey: IdempotencyKey }),
})

/** What people do to orders: place, cancel, give money back. */
export const orderChangeResolvers = ({ client, orders, limit }: OrderChangeParts) => {
  const mutation = mutationWithin(limit)

  /** The order as the command left it, or newer: from its own stream. */
  const asItIs = async (id: OrderId) => {
    const found = await pastOf(client, projections.orders, streamOf(order, id), END_OF_TIME)
    return found
      ? ({ __typename: 'Order', ...orderOf(found) } as const)
      : impossible(`order ${id} was changed, and is not there`)
  }

  return {
    Mutation: {
      placeOrder: mutation(PlaceOrder, async ({ args: { input }, viewer, context }) => {
        const content = contentOf(input)
        if ('refusal' in content) return content.refusal
        const { paymentMethod, idempotencyKey } = input
        const cause = begin(context.requestId, viewer.id)
        const answer = await orders.placeOrder(
          { ...content, customerId: viewer.id, paymentMethod, idempotencyKey },
          cause,
        )
        return answer.refused ? orderRefusal(answer.refused) : justPlaced(answer.order, answer.position)
      }),

      cancelOrder: mutation(CancelOrder, async ({ args, viewer, context }) => {
        const { orderId } = args.input
        const isAdmin = viewer.role === 'ADMIN'
        const answer = await orders.cancelOrder(
          {
            orderId,
            by: isAdmin ? 'ADMIN' : 'CUSTOMER',
            isAllowed: (customer) => isAdmin || customer === viewer.id,
          },
          begin(context.requestId, viewer.id),
        )
        return answer.refused ? orderRefusal(answer.refused) : asItIs(orderId)
      }),

      refundOrder: forAdmins(
        mutation(RefundOrder, async ({ args, viewer, context }) => {
          const { orderId, amount, idempotencyKey } = args.input
          if (amount && !isMovable(amount)) return amountOutOfRange
          const answer = await orders.refundOrder(
            { orderId, amount: amount ?? undefined, idempotencyKey },
            begin(context.requestId, viewer.id),
          )
          return answer.refused ? orderRefusal(answer.refused) : asItIs(orderId)
        }),
      ),
    },
  }
}

const END_OF_TIME = '9999-12-31T23:59:59.999Z'

const contentOf = ({ price, description, lines }: Input) => {
  if (lines) {
    if (price || description)
      throw badInput('input: an order has either lines, or a price and a description.')
    return wantedOf(lines)
  }
  if (!price || !description) throw badInput('input: an order has lines, or a price and a description.')
  return isMovable(price) ? { price, description } : { refusal: amountOutOfRange }
}

const wantedOf = (lines: readonly z.infer<typeof Line>[]): OrderContent | { refusal: object } => {
  const wanted: { sku: Sku; quantity: number }[] = []
  for (const { sku, quantity } of lines) {
    const known = Sku.safeParse(sku)
    if (!known.success) return { refusal: orderRefusal({ code: 'UNKNOWN_PRODUCT', sku }) }
    wanted.push({ sku: known.data, quantity })
  }
  return { lines: wanted, fromCart: false }
}
