import { RefundId } from '../../domain/ids.ts'
import type { OrderId } from '../../domain/ids.ts'
import { derivedId } from '../../eventstore/idempotency.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { PaymentEvent } from '../events.ts'
import { giveBack } from '../payment.ts'
import type { Payment } from '../payment.ts'
import { declineCard, takeCardMoney } from './decisions.ts'
import { chargeOf } from './charge.ts'
import type { CardRefund, Intent } from './intent.ts'
import { letGo } from './letGo.ts'
import { orderIn, refundIn } from './metadata.ts'
import type { CardNews, NewsHandler } from './news.ts'
import type { KnownOrder, OrderReader } from './order.ts'
import type { CardProcessor } from './processor.ts'
import { returnedBy } from './refundCard.ts'

export interface OrderNewsOptions {
  readonly payments: Writer<Payment, PaymentEvent>
  readonly processor: Pick<CardProcessor, 'refundsOf'>
  readonly order: OrderReader
  /** Told of money that had gone back to a card, and came to the shop again: somebody has to look into that. */
  readonly bounced: (orderId: OrderId, refund: CardRefund) => void
}

/**
 * Puts on an order's payment what the processor tells of it. Whatever comes twice, late or in another order ends in the
 * same: each piece of news is held against how payment and order are now.
 */
export const orderNews = ({
  payments,
  processor,
  order: orderOf,
  bounced,
}: OrderNewsOptions): NewsHandler => {
  const refunded = async (order: KnownOrder, intent: Intent, cause: Cause) => {
    // Perhaps nobody has told yet that it was paid.
    await payments.transact(order.orderId, takeCardMoney(chargeOf(order, intent)), { cause })
    for (const refund of await processor.refundsOf(intent.id)) await record(order, refund, cause)
  }

  const record = async (order: KnownOrder, refund: CardRefund, cause: Cause) => {
    const { orderId, customerId } = order
    const ours = refundIn(refund.metadata)
    const returned = returnedBy(refund)
    if (returned.status === 'PENDING') return
    const { amount, currency } = refund
    const refundId = ours?.refundId ?? RefundId.parse(derivedId('refund at the processor', refund.id))
    const failure = returned.status === 'FAILED' ? returned.failure : undefined
    const money = { refundId, orderId, customerId, amount: { amount, currency } }
    // What somebody else could not give back is none of our business.
    const decide = failure && !ours ? () => [] : giveBack(money, ours?.cause ?? 'ELSEWHERE', failure)
    const { state } = await payments.transact(orderId, decide, { cause })
    if (failure && state.status === 'SUCCEEDED' && state.refunds.get(refundId) === 'DONE')
      bounced(orderId, refund)
  }

  const handle = (news: CardNews, order: KnownOrder, cause: Cause): Promise<unknown> => {
    const { orderId, customerId } = order
    const { kind, intent, eventId, at: declinedAt } = news
    switch (kind) {
      case 'SUCCEEDED':
        return payments.transact(orderId, takeCardMoney(chargeOf(order, intent)), { cause })
      case 'DECLINED': {
        const { id: intentId, declineCode = 'unknown' } = intent
        const decline = { orderId, customerId, intentId, declineCode, declinedAt, eventId }
        return payments.transact(orderId, declineCard(decline), { cause })
      }
      case 'CANCELLED':
        return payments.transact(orderId, letGo(order, intent), { cause })
      case 'REFUNDED':
        return refunded(order, intent, cause)
      default:
        return kind satisfies never
    }
  }

  return async (news, cause) => {
    const orderId = orderIn(news.intent.metadata)
    const order = orderId && (await orderOf(orderId))
    if (order?.method !== 'CARD') return 'foreign'
    await handle(news, order, cause)
    return 'handled'
  }
}
