import { z } from 'zod'
import { OrderId } from '../../domain/ids.ts'
import { tokenOf } from '../opaque.ts'
import { field, seenBy } from '../resolver.ts'
import { followOrder, followOrdersOf } from './followOrder.ts'
import { followWallet } from './followWallet.ts'
import type { LiveParts } from './subscriber.ts'
import type { OrderUpdate } from './updates.ts'

const Nothing = z.object({})
const OrderStatus = z.object({ orderId: OrderId, afterRevision: z.int().min(-1).nullish() })

// The update is the answer: no further work, and no promise, for each of thousands a second.
const resolve = <T>(update: T): T => update

/** What can be watched live. */
export const liveResolvers = (parts: LiveParts) => ({
  Subscription: {
    orderStatus: {
      subscribe: field(OrderStatus, ({ args, viewer, context }) =>
        followOrder(parts, {
          id: args.orderId,
          customer: viewer.id,
          after: args.afterRevision ?? undefined,
          seen: seenBy(context),
        }),
      ),
      resolve,
    },
    myOrders: { subscribe: field(Nothing, ({ viewer }) => followOrdersOf(parts, viewer.id)), resolve },
    walletBalance: {
      subscribe: field(Nothing, ({ viewer, context }) => followWallet(parts, viewer.id, seenBy(context))),
      resolve,
    },
  },

  OrderUpdate: {
    consistencyToken: ({ position }: OrderUpdate) => tokenOf(position),
  },
})
