import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { queryOver } from './resolver.ts'
import { maySee } from '../access/viewer.ts'

/** Payments: how the charging of an order goes. */
export const paymentResolvers = (readModels: ReadModels) => ({
  Query: {
    payment: queryOver(readModels, 'payments')(z.object({ orderId: OrderId }), async ({ args, viewer }) => {
      const found = await readModels.payment(args.orderId)
      return found && maySee(viewer, found.customerId) ? { ...found, orderId: found._id } : null
    }),
  },
})
