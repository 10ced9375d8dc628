import { z } from 'zod'
import { OrderId } from '../domain/ids.ts'
import type { ReadModels } from '../projections/readModels.ts'
import { queryOver } from './resolver.ts'

/** Payments: how the charging of an order goes. */
export const paymentResolvers = (readModels: ReadModels) => ({
  Query: {
    payment: queryOver(readModels, 'payments')(z.object({ orderId: OrderId }), async ({ args, viewer }) => {
      const found = await readModels.payment(args.orderId)
      return found?.customerId === viewer.id ? { ...found, orderId: found._id } : null
    }),
  },
})
