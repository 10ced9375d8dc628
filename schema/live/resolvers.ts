import { z } from 'zod'
import { OrderId } from '../../domain/ids.ts'
import { tokenOf } from '../../service/opaque.ts'
import { seenIn } from '../../projections/consistency.ts'
import { ApiError } from '../../service/errors.ts'
import { shown } from '../errors.ts'
import { field } from '../resolver.ts'
import { followOrder, followOrdersOf } from '../../live/followOrder.ts'
import { followWallet } from '../../live/followWallet.ts'
import type { LiveParts } from '../../live/subscriber.ts'
import type { OrderUpdate } from '../../live/updates.ts'

const Nothing = z.object({})
const OrderStatus = z.object({ orderId: OrderId, afterRevision: z.int().min(-1).nullish() })

// The update is the answer: no further work, and no promise, for each of thousands a second.
const resolve = <T>(update: T): T => update

/** What can be watched live. */
export const liveResolvers = (from: Omit<LiveParts, 'telling'>) => {
  const parts: LiveParts = { ...from, telling: (fault) => (fault instanceof ApiError ? shown(fault) : fault) }
  return {
    Subscription: {
      orderStatus: {
        subscribe: field(OrderStatus, ({ args, viewer, context }) =>
          followOrder(parts, {
            id: args.orderId,
            customer: viewer.id,
            after: args.afterRevision ?? undefined,
            seen: seenIn(context.token),
          }),
        ),
        resolve,
      },
      myOrders: { subscribe: field(Nothing, ({ viewer }) => followOrdersOf(parts, viewer.id)), resolve },
      walletBalance: {
        subscribe: field(Nothing, ({ viewer, context }) =>
          followWallet(parts, viewer.id, seenIn(context.token)),
        ),
        resolve,
      },
    },

    OrderUpdate: {
      consistencyToken: ({ position }: OrderUpdate) => tokenOf(position),
    },
  }
}
