import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import { PaymentMethod } from '../domain/payment.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import type { OrderCommands, OrderContent } from '../orders/commands.ts'
import { Description } from '../orders/events.ts'
import { badInput } from './errors.ts'
import { amountOutOfRange } from './input.ts'
import { isMovable, MoneyInput } from '../domain/money.ts'
import { orderNow } from '../orders/orderNow.ts'
import { justPlaced } from '../orders/shown.ts'
import { wantedOf } from '../orders/wanted.ts'
import { orderRefusal } from './orderRefusals.ts'
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

  const asItIs = async (id: OrderId) => ({ __typename: 'Order', ...(await orderNow(client, id)) }) as const

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
        return answer.refused
          ? orderRefusal(answer.refused)
          : ({ __typename: 'Order', ...justPlaced(answer.order, answer.position) } as const)
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

const contentOf = ({ price, description, lines }: Input): OrderContent | { readonly refusal: object } => {
  if (lines) {
    if (price || description)
      throw badInput('input: an order has either lines, or a price and a description.')
    const wanted = wantedOf(lines)
    return 'refused' in wanted
      ? { refusal: orderRefusal(wanted.refused) }
      : { lines: wanted, fromCart: false }
  }
  if (!price || !description) throw badInput('input: an order has lines, or a price and a description.')
  return isMovable(price) ? { price, description } : { refusal: amountOutOfRange }
}
