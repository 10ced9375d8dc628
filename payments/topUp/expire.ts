import type { TopUpId } from '../../domain/ids.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import type { Writer } from '../../eventstore/transact.ts'
import type { CardProcessor } from '../card/processor.ts'
import { CardRefused } from '../card/refused.ts'
import type { TopUpEvent } from './events.ts'
import { receivedBy } from './news.ts'
import { cancel, succeed } from './paying.ts'
import type { TopUp } from './topUp.ts'

export interface ExpireTopUpOptions {
  readonly topUps: Writer<TopUp, TopUpEvent>
  readonly processor: Pick<CardProcessor, 'cancelIntent'>
  readonly now: () => Date
}

/**
 * Lets go of a top-up that nobody has paid in time: at the processor first, as it alone knows whether somebody did
 * after all. Then the money counts, also if no webhook ever came; and one that is just being paid is left to its end.
 */
export const expireTopUp = ({ topUps, processor, now }: ExpireTopUpOptions) => {
  /** Undefined if the processor knows of no such intent, as when we have another account now: nobody can pay it. */
  const cancelled = async (intentId: string) => {
    try {
      return await processor.cancelIntent(intentId)
    } catch (fault) {
      if (fault instanceof CardRefused && fault.code === 'resource_missing') return undefined
      throw fault
    }
  }

  return async (topUpId: TopUpId, cause: Cause): Promise<void> => {
    const { state } = await topUps.transact(topUpId, () => [], { cause })
    if (state.status !== 'PENDING' || now() < new Date(state.payBy)) return
    const intent = state.intentId === undefined ? undefined : await cancelled(state.intentId)
    if (intent === undefined || intent.status === 'canceled')
      await topUps.transact(topUpId, cancel('DEADLINE'), { cause })
    else if (intent.status === 'succeeded')
      await topUps.transact(topUpId, succeed(intent.id, receivedBy(intent)), { cause })
  }
}
