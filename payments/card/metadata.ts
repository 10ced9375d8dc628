import { z } from 'zod'
import { OrderId, RefundId, UserId } from '../../domain/ids.ts'
import { RefundCause } from '../events.ts'

/** What the processor keeps beside the payment of an order: whose webhook it is, and which order's. */
export const ofOrder = (orderId: OrderId, customerId: UserId) => ({
  purpose: 'order',
  order_id: orderId,
  customer_id: customerId,
})

/** The order that a payment is for; undefined if its metadata name none. */
export const orderIn = (metadata: Readonly<Record<string, string>>): OrderId | undefined =>
  OrderId.safeParse(metadata['order_id']).data

/** Whose payment it is, of an order or of a top-up; undefined if its metadata name nobody. */
export const personIn = (metadata: Readonly<Record<string, string>>): UserId | undefined =>
  UserId.safeParse(metadata['customer_id'] ?? metadata['owner_id']).data

/** What it keeps beside money that we have asked it to give back. */
export const ofRefund = (refundId: RefundId, cause: RefundCause) => ({
  refund_id: refundId,
  refund_cause: cause,
})

const OurRefund = z.object({ refund_id: RefundId, refund_cause: RefundCause })

/** The refund that we have asked for; undefined if somebody else did. */
export const refundIn = (
  metadata: Readonly<Record<string, string>>,
): { readonly refundId: RefundId; readonly cause: RefundCause } | undefined => {
  const { data } = OurRefund.safeParse(metadata)
  return data && { refundId: data.refund_id, cause: data.refund_cause }
}
