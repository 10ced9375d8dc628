import type { Refund } from '../decidedRefunds.ts'
import type { RefundCause } from '../events.ts'
import type { Returned } from '../reactions.ts'
import type { CardRefund } from './intent.ts'
import { ofOrder, ofRefund, refundIn } from './metadata.ts'
import type { CardProcessor } from './processor.ts'
import { CardRefused } from './refused.ts'

/**
 * Gives money back to the card that paid, once, however often it is asked: the refund's id is the key. The processor
 * remembers keys for a day; what it was asked for before that is found among the payment's refunds.
 */
export const refundCard =
  (processor: CardProcessor) =>
  async (
    intentId: string,
    { refundId, orderId, customerId, amount }: Refund,
    why: RefundCause,
  ): Promise<Returned> => {
    const before = (await processor.refundsOf(intentId)).find(
      ({ metadata }) => refundIn(metadata)?.refundId === refundId,
    )
    if (before) return returnedBy(before)
    const metadata = { ...ofOrder(orderId, customerId), ...ofRefund(refundId, why) }
    try {
      return returnedBy(await processor.refund({ intentId, amount, metadata, idempotencyKey: refundId }))
    } catch (fault) {
      if (!(fault instanceof CardRefused)) throw fault
      return { status: 'FAILED', failure: { reason: 'CARD_REFUND_REFUSED', code: fault.code } }
    }
  }

/** What the processor says of a refund. */
export const returnedBy = ({ status, failureReason }: CardRefund): Returned => {
  switch (status) {
    case 'succeeded':
      return { status: 'DONE' }
    case 'pending':
    case 'requires_action':
      return { status: 'PENDING' }
    case 'failed':
    case 'canceled':
      return { status: 'FAILED', failure: { reason: 'CARD_REFUND_REFUSED', code: failureReason ?? status } }
    default:
      return status satisfies never
  }
}
