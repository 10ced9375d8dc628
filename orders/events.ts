import { z } from 'zod'
import { OrderId, UserId } from '../domain/ids.ts'
import { Money } from '../domain/money.ts'
import { OrderFailure, PaymentMethod } from '../domain/payment.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'

/** What a customer may write about an order: 1–500 characters, not only blanks. */
export const Description = z.string().trim().min(1).max(500)

const Order = { orderId: OrderId, customerId: UserId }

/** Events of `order-<id>`. */
export const orderEvents = {
  /** Accepted with a plain amount: there is nothing to reserve, so its payment is due at once. */
  OrderPlaced: event(
    z.object({
      ...Order,
      price: Money,
      description: Description,
      paymentMethod: PaymentMethod,
      placedAt: z.iso.datetime(),
      /** The payment deadline: what is not paid by then is cancelled. */
      payBy: z.iso.datetime(),
    }),
  ),
  OrderPaid: event(z.object(Order)),
  OrderFailed: event(z.object({ ...Order, failure: OrderFailure })),
  OrderCancelled: event(z.object({ ...Order, by: z.enum(['DEADLINE']) })),
}
export type OrderEvent = EventOf<typeof orderEvents>
