import type { TopUpId } from '../../domain/ids.ts'
import { Unavailable } from '../../eventstore/faults.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { CardNews, NewsHandler } from '../card/news.ts'
import type { CardRefund, Intent } from '../card/intent.ts'
import type { CardProcessor } from '../card/processor.ts'
import type { TopUpEvent } from './events.ts'
import { topUpIn } from './metadata.ts'
import { cancel, decline, succeed } from './paying.ts'
import { loseReturn, recordRefunds } from './settling.ts'
import type { TopUp } from './topUp.ts'

export interface TopUpNewsOptions {
  readonly topUps: Writer<TopUp, TopUpEvent>
  readonly processor: Pick<CardProcessor, 'refundsOf'>
  /** Told of money that was back on a card and out of the wallet, and came to the shop again. */
  readonly bounced: (topUpId: TopUpId, refund: CardRefund) => void
}

/** What came for an intent, as its currency says it. */
export const receivedBy = ({ received: amount, currency }: Intent) => ({ amount, currency })

/** What the processor tells of top-ups, put on record: the rest follows from the events. */
export const topUpNews = ({ topUps, processor, bounced }: TopUpNewsOptions): NewsHandler => {
  const decide = ({ kind, intent, eventId }: CardNews) => {
    const { id: intentId } = intent
    switch (kind) {
      case 'SUCCEEDED':
        return succeed(intentId, receivedBy(intent))
      case 'DECLINED':
        return decline({ intentId, declineCode: intent.declineCode ?? 'unknown', eventId })
      case 'CANCELLED':
        return cancel('PROCESSOR')
      default:
        return undefined
    }
  }

  const learnRefunds = async (topUpId: TopUpId, intent: Intent, cause: Cause) => {
    // The refund may be told of before the payment is.
    if (intent.status === 'succeeded')
      await topUps.transact(topUpId, succeed(intent.id, receivedBy(intent)), { cause })
    const refunds = await processor.refundsOf(intent.id)
    for (const refund of refunds) {
      const { id, status, failureReason } = refund
      if (status !== 'failed' && status !== 'canceled') continue
      const { state } = await topUps.transact(topUpId, loseReturn(id, failureReason ?? status), { cause })
      if (state.status === 'DEPOSITED' && state.refunds.has(id)) bounced(topUpId, refund)
    }
    const done = refunds
      .filter(({ status }) => status === 'succeeded')
      .map(({ id, amount, currency }) => ({ id, amount: { amount, currency } }))
    const outcome = await topUps.transact(topUpId, recordRefunds(done), { cause })
    if (outcome.refused) throw new Unavailable(`${topUpId} was refunded before it was settled`)
  }

  return async (news, cause) => {
    const topUpId = topUpIn(news.intent.metadata)
    if (!topUpId) return 'foreign'
    const { state } = await topUps.transact(topUpId, () => [], { cause })
    // Made by another system with the same account: every one of ours was requested before its intent was made.
    if (state.status === 'NONE') return 'foreign'
    const decision = decide(news)
    if (decision) await topUps.transact(topUpId, decision, { cause })
    else await learnRefunds(topUpId, news.intent, cause)
    return 'handled'
  }
}
