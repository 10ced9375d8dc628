import { ReversalId } from '../../domain/ids.ts'
import { codecOf } from '../../eventstore/codec.ts'
import type { Recorded } from '../../eventstore/codec.ts'
import type { EventOf } from '../../eventstore/catalogue.ts'
import { derivedId, fingerprint } from '../../eventstore/idempotency.ts'
import { follow } from '../../eventstore/metadata.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { FOR_DAYS } from '../../eventstore/reaction.ts'
import type { Reaction } from '../../eventstore/reaction.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { DepositFailure } from '../../domain/payment.ts'
import type { CardRefund } from '../card/intent.ts'
import type { CardProcessor } from '../card/processor.ts'
import { CardRefused } from '../card/refused.ts'
import type { PaidTopUp, Reversal, Uncovered } from '../decidedTopUps.ts'
import { topUpEvents } from './events.ts'
import type { TopUpEvent } from './events.ts'
import { ofTopUp } from './metadata.ts'
import { recordDeposit, recordFailedReturn, recordReturn, recordReversal } from './settling.ts'
import type { TopUp } from './topUp.ts'

const settling = {
  TopUpSucceeded: topUpEvents.TopUpSucceeded,
  TopUpRefunded: topUpEvents.TopUpRefunded,
}
type Settling = EventOf<typeof settling>
type Succeeded = Extract<Recorded<Settling>, { type: 'TopUpSucceeded' }>
type Refunded = Extract<Recorded<Settling>, { type: 'TopUpRefunded' }>

export interface SettleTopUpsOptions {
  readonly topUps: Writer<TopUp, TopUpEvent>
  readonly deposit: (topUp: PaidTopUp, cause: Cause) => Promise<DepositFailure | undefined>
  readonly reverse: (reversal: Reversal, cause: Cause) => Promise<Uncovered | undefined>
  readonly processor: Pick<CardProcessor, 'refund' | 'refundsOf'>
}

/**
 * Money that has come by card goes into the wallet or, if that can't take it, back to the card; and what somebody gave
 * back at the processor leaves the wallet. Then it is put on the top-up's record.
 */
export const settleTopUps = (options: SettleTopUpsOptions): Reaction<Settling> => {
  const { topUps, deposit, reverse, processor } = options

  /** Whatever is not back on the card or on its way goes there; the processor never gives back more than it took. */
  const giveBack = async ({ data }: Succeeded): Promise<{ refundId: string } | { code: string }> => {
    const { topUpId, ownerId, intentId, amount } = data
    const made = (await processor.refundsOf(intentId)).filter(isAlive)
    const left = amount.amount - made.reduce((sum, refund) => sum + refund.amount, 0)
    const [newest] = made
    if (newest && left === 0) return { refundId: newest.id }
    const asked = { intentId, amount: { ...amount, amount: left }, metadata: ofTopUp(topUpId, ownerId) }
    try {
      const refund = await processor.refund({ ...asked, idempotencyKey: `${topUpId} return ${left}` })
      return isAlive(refund) ? { refundId: refund.id } : { code: refund.failureReason ?? refund.status }
    } catch (fault) {
      if (fault instanceof CardRefused) return { code: fault.code }
      throw fault
    }
  }

  const settle = async (paid: Succeeded, cause: Cause) => {
    const failure = await deposit(paidTopUp(paid), cause)
    const { topUpId } = paid.data
    if (!failure) return topUps.transact(topUpId, recordDeposit(), { cause })
    const back = await giveBack(paid)
    const decide =
      'refundId' in back ? recordReturn(failure, back.refundId) : recordFailedReturn(failure, back.code)
    return topUps.transact(topUpId, decide, { cause })
  }

  const takeOut = async (refunded: Refunded, cause: Cause) => {
    const { topUpId, ownerId, refundId, amount } = refunded.data
    const reversalId = ReversalId.parse(derivedId('reversal', topUpId, refundId))
    const reversal = { reversalId, topUpId, ownerId, amount, reversedAt: refunded.metadata.at }
    const uncovered = await reverse(reversal, cause)
    return topUps.transact(topUpId, recordReversal(refundId, amount, uncovered?.shortBy), { cause })
  }

  return {
    group: 'payments-settle-top-ups',
    redeliveries: FOR_DAYS,
    codec: codecOf(settling),
    handle: (event) => {
      const cause = follow(event, 'payments')
      return event.type === 'TopUpSucceeded' ? settle(event, cause) : takeOut(event, cause)
    },
  }
}

/** It has arrived on the card, or may. */
const isAlive = ({ status }: CardRefund): boolean => status !== 'failed' && status !== 'canceled'

/** What a wallet has to know of it. */
const paidTopUp = ({ data, metadata }: Succeeded): PaidTopUp => {
  const { topUpId, ownerId, amount, idempotencyKey } = data
  const print = fingerprint('topUp', amount.amount, amount.currency)
  return { topUpId, ownerId, amount, paidAt: metadata.at, idempotencyKey, fingerprint: print }
}
