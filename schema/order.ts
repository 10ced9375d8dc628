import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import { PaymentMethod } from '../domain/payment.ts'
import { IdempotencyKey } from '../eventstore/idempotency.ts'
import { begin } from '../eventstore/metadata.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { OrderCommands } from '../orders/commands.ts'
import { Description } from '../orders/events.ts'
import { order } from '../orders/order.ts'
import type { NewOrder } from '../orders/order.ts'
import { projections } from '../projections/all.ts'
import type { Past } from '../projections/asOf.ts'
import type { OrderDocument, OrderStatus, OrderView } from '../projections/documents.ts'
import type { Page, PageRequest } from '../projections/lists.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import type { Paging } from './connection.ts'
import { amountOutOfRange, idempotencyConflict, isMovable, MoneyInput } from './input.ts'
import { tokenOf } from './opaque.ts'
import { AnyStatus, isUnreached } from './orderStatus.ts'
import { at, pastOf, throughTime } from './past.ts'
import { mutationWithin, queryOver } from './resolver.ts'
import type { RateLimit } from './rateLimit.ts'
import { maySee } from './viewer.ts'

export interface OrderParts {
  readonly client: EventStoreDBClient
  readonly orders: OrderCommands
  readonly readModels: ReadModels
  readonly limit: RateLimit
}

const PlaceOrder = z.object({
  input: z.object({
    price: MoneyInput,
    description: Description,
    paymentMethod: PaymentMethod,
    idempotencyKey: IdempotencyKey,
  }),
})

/** A list of orders, as it is asked for with a status. */
export const orderConnection = async (
  args: Paging,
  status: AnyStatus | null | undefined,
  read: (status: OrderStatus | undefined, page: PageRequest) => Promise<Page<OrderDocument>>,
) => {
  const wanted = pageOf('order', args)
  const page = isUnreached(status)
    ? { documents: [], next: undefined }
    : await read(status ?? undefined, wanted)
  return connectionOf('order', wanted, page, ({ placedPosition }) => placedPosition, orderOf)
}

/** Orders: place, look up now or as of then, list. */
export const orderResolvers = ({ client, orders, readModels, limit }: OrderParts) => {
  const query = queryOver(readModels, 'orders')
  return {
    Query: {
      order: throughTime(
        query(z.object({ id: OrderId }), async ({ args, viewer }) => {
          const found = await readModels.order(args.id)
          return found && maySee(viewer, found.customerId) ? orderOf(found) : null
        }),
        queryOver(readModels)(z.object({ id: OrderId, at }), async ({ args }) => {
          const found = await pastOf(client, projections.orders, streamOf(order, args.id), args.at)
          return found ? orderOf(found) : null
        }),
      ),

      orders: query(z.object({ status: AnyStatus.nullish(), ...paging }), ({ args, viewer }) =>
        orderConnection(args, args.status, (reached, page) => readModels.orders(viewer.id, reached, page)),
      ),
    },

    Mutation: {
      placeOrder: mutationWithin(limit)(PlaceOrder, async ({ args, viewer, context }) => {
        const { price, ...rest } = args.input
        if (!isMovable(price)) return amountOutOfRange
        const cause = begin(context.requestId, viewer.id)
        const answer = await orders.placeOrder({ customerId: viewer.id, price, ...rest }, cause)
        return answer.refused ? idempotencyConflict : justPlaced(answer.order, answer.position)
      }),
    },

    Order: { consistencyToken: ({ position }: { position: bigint | number }) => tokenOf(position) },
  }
}

/** An order as it was when it was accepted: also the answer to a repeated request. */
const justPlaced = (
  { orderId: id, customerId, price, description, paymentMethod, placedAt, payBy }: NewOrder,
  position: bigint,
) =>
  ({
    __typename: 'Order',
    id,
    customerId,
    status: 'AWAITING_PAYMENT',
    price,
    description,
    paymentMethod,
    placedAt,
    payBy,
    revision: 0,
    position,
  }) as const

export const orderOf = ({ _id: id, ...order }: Past<OrderView>) => ({ ...order, id })
