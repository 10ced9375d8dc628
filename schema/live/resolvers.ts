import { z } from 'zod'
import { OrderId } from '../../domain/ids.ts'
import { Unavailable } from '../../eventstore/faults.ts'
import type { ApiContext } from '../context.ts'
import { reveal } from '../errors.ts'
import type { Failure } from '../failure.ts'
import { tokenOf } from '../opaque.ts'
import { field, PATIENCE, seenBy } from '../resolver.ts'
import { followOrder, followOrdersOf } from './followOrder.ts'
import { followWallet } from './followWallet.ts'
import type { LiveParts } from './subscriber.ts'
import type { OrderUpdate } from './updates.ts'

const Nothing = z.object({})
const OrderStatus = z.object({ orderId: OrderId, afterRevision: z.int().min(-1).nullish() })

/** An update as a subscription shows it; the currency is known where the order was read. */
type Shown = OrderUpdate & { readonly currency?: string }

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
    failure: ({ failure, currency, ...update }: Shown, _: unknown, { report }: ApiContext) => {
      if (!failure) return null
      if (currency !== undefined || failure.reason !== 'INSUFFICIENT_FUNDS')
        return { ...failure, currency: currency ?? '' }
      return withCurrency(parts, { ...update, failure }).catch((fault: unknown) => {
        throw reveal(fault, report)
      })
    },
  },
})

/** The event of a failure does not tell the currency of the price: the order's document does. */
const withCurrency = async (
  { readModels }: LiveParts,
  { orderId, position, failure }: OrderUpdate & { failure: NonNullable<OrderUpdate['failure']> },
): Promise<Failure> => {
  await readModels.reached(BigInt(position), PATIENCE)
  const order = await readModels.order(orderId)
  if (!order) throw new Unavailable(`order ${orderId} is not in the read model yet`)
  return { ...failure, currency: order.price.currency }
}
