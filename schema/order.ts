import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import type { Money } from '../domain/money.ts'
import { streamOf } from '../eventstore/stream.ts'
import { linesToReserve } from '../orders/events.ts'
import type { OrderLine } from '../orders/events.ts'
import { order } from '../orders/order.ts'
import type { NewOrder } from '../orders/order.ts'
import { projections } from '../projections/all.ts'
import type { Past } from '../projections/asOf.ts'
import { OrderStatus } from '../projections/documents.ts'
import type { OrderDocument, OrderView } from '../projections/documents.ts'
import type { Page, PageRequest } from '../projections/lists.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import type { Paging } from './connection.ts'
import { tokenOf } from '../service/opaque.ts'
import { at, pastOf, throughTime } from './past.ts'
import { queryOver } from './resolver.ts'
import { maySee } from '../access/viewer.ts'

export interface OrderParts {
  readonly client: EventStoreDBClient
  readonly readModels: ReadModels
}

/** A list of orders, as it is asked for with a status. */
export const orderConnection = async (
  args: Paging,
  status: OrderStatus | null | undefined,
  read: (status: OrderStatus | undefined, page: PageRequest) => Promise<Page<OrderDocument>>,
) => {
  const wanted = pageOf('order', args)
  const page = await read(status ?? undefined, wanted)
  return connectionOf('order', wanted, page, ({ placedPosition }) => placedPosition, orderOf)
}

/** Orders: look up now or as of then, list. */
export const orderResolvers = ({ client, readModels }: OrderParts) => {
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

      orders: query(z.object({ status: OrderStatus.nullish(), ...paging }), ({ args, viewer }) =>
        orderConnection(args, args.status, (reached, page) => readModels.orders(viewer.id, reached, page)),
      ),
    },

    Order: { consistencyToken: ({ position }: { position: bigint | number }) => tokenOf(position) },
  }
}

/** An order as it was when it was accepted: also the answer to a repeated request. */
export const justPlaced = (
  { orderId: id, customerId, price, description, lines, paymentMethod, placedAt, payBy }: NewOrder,
  position: bigint,
) =>
  ({
    __typename: 'Order',
    id,
    customerId,
    status: linesToReserve(lines).length > 0 ? 'NEW' : 'AWAITING_PAYMENT',
    price,
    description,
    lines: linesIn(price, lines),
    paymentMethod,
    placedAt,
    payBy,
    revision: 0,
    position,
  }) as const

export const orderOf = ({ _id: id, lines = [], ...order }: Past<OrderView>) => ({
  ...order,
  id,
  lines: linesIn(order.price, lines),
})

const linesIn = ({ currency }: Money, lines: readonly OrderLine[]) =>
  lines.map(({ sku, name, quantity, unitPrice }) => ({
    sku,
    name,
    quantity,
    unitPrice: { amount: unitPrice, currency },
    total: { amount: unitPrice * quantity, currency },
  }))
