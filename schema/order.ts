import type { EventStoreDBClient } from '@eventstore/db-client'
import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import { streamOf } from '../eventstore/stream.ts'
import { order } from '../orders/order.ts'
import { orderOf } from '../orders/shown.ts'
import { projections } from '../projections/all.ts'
import { OrderStatus } from '../projections/documents.ts'
import type { OrderDocument } from '../projections/documents.ts'
import type { Page, PageRequest } from '../projections/lists.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { connectionOf, pageOf, paging } from './connection.ts'
import type { Paging } from './connection.ts'
import { tokenOf } from '../service/opaque.ts'
import { pastOf } from '../projections/pastOf.ts'
import { at, throughTime } from './past.ts'
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
