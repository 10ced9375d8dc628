import { z } from 'zod'
import { OrderId, RefundId, UserId } from '../domain/ids.ts'
import { Amount, Money } from '../domain/money.ts'
import { OrderFailure, PaymentMethod, ProcessorCode, RefundFailure } from '../domain/payment.ts'
import { MAX_LINES, Quantity, Sku } from '../domain/product.ts'
import { event } from '../eventstore/catalogue.ts'
import type { EventOf } from '../eventstore/catalogue.ts'
import { requestKeys } from '../eventstore/requests.ts'

/** What a customer may write about an order: 1–500 characters, not only blanks. */
export const Description = z.string().trim().min(1).max(500)

const Order = { orderId: OrderId, customerId: UserId }

/** Pieces of one product, as they were when the order was placed. */
export const OrderLine = z.object({
  sku: Sku,
  name: z.string(),
  quantity: Quantity,
  /** Minor units of the order's currency, for one piece. */
  unitPrice: Amount,
  /** Limited by stock, so that it has to be reserved. */
  isLimited: z.boolean(),
})
export type OrderLine = z.infer<typeof OrderLine>

const Ended = {
  ...Order,
  /** Set where stock is kept for the order: it is to be written off or released, now that the order has ended. */
  keepsStock: z.literal(true).optional(),
  /** Set where it was to be paid by card: what is open at the processor is to be closed. */
  byCard: z.literal(true).optional(),
}

/** Events of `order-<id>`. */
export const orderEvents = {
  /**
   * Accepted: with lines whose prices are fixed now, or with a plain amount and a description. Where there is
   * nothing to reserve, its payment is due at once.
   */
  OrderPlaced: event(
    z.object({
      ...Order,
      price: Money,
      description: Description.optional(),
      lines: z.array(OrderLine).max(MAX_LINES),
      /** The lines were in the customer's cart, and leave it. */
      fromCart: z.boolean(),
      paymentMethod: PaymentMethod,
      placedAt: z.iso.datetime(),
      /** The payment deadline: what is not paid by then is cancelled. */
      payBy: z.iso.datetime(),
    }),
    // The first orders had a plain amount only.
    (data) => ({ ...z.looseObject({}).parse(data), lines: [], fromCart: false }),
  ),
  /** All lines are reserved: its payment is due. */
  OrderReserved: event(
    z.object({
      ...Order,
      price: Money,
      paymentMethod: PaymentMethod,
      placedAt: z.iso.datetime(),
      payBy: z.iso.datetime(),
    }),
  ),
  /** The customer's card was declined. Another may be tried until the deadline. */
  OrderCardDeclined: event(z.object({ ...Order, declineCode: ProcessorCode, declinedAt: z.iso.datetime() })),
  OrderPaid: event(z.object(Ended)),
  OrderFailed: event(z.object({ ...Ended, failure: OrderFailure })),
  OrderCancelled: event(
    z.object({
      ...Ended,
      by: z.enum(['CUSTOMER', 'ADMIN', 'DEADLINE']),
      /** Not said of the first cancelled orders, none of which was NEW. */
      statusBefore: z.enum(['NEW', 'AWAITING_PAYMENT']).default('AWAITING_PAYMENT'),
    }),
  ),
  /** What was reserved is written off or released: nothing is left to do for the order's stock. */
  OrderStockSettled: event(z.object(Order)),
  /** Money came for an order that can't take it any more: all of it is to be given back. */
  OrderPaymentDeclined: event(z.object({ ...Order, price: Money })),
  /** An admin wants some of the money to be given back, or all of it. */
  RefundRequested: event(
    z.object({
      ...Order,
      refundId: RefundId,
      amount: Money,
      ...requestKeys,
    }),
  ),
  /** It was given back, as was asked here or at the processor of cards; `refunded` is all that was so far. */
  OrderRefunded: event(
    z.object({ ...Order, refundId: RefundId, amount: Money, refunded: Money, isFull: z.boolean() }),
  ),
  /** It could not be given back. */
  RefundFailed: event(z.object({ ...Order, refundId: RefundId, failure: RefundFailure })),
}
export type OrderEvent = EventOf<typeof orderEvents>

/** The lines for which stock has to be reserved. */
export const linesToReserve = (lines: readonly OrderLine[]): readonly OrderLine[] =>
  lines.filter(({ isLimited }) => isLimited)
