import { TopUpId } from '../../domain/ids.ts'
import type { UserId } from '../../domain/ids.ts'
import type { Metadata } from '../card/intent.ts'

/** What the processor keeps beside the payment of a top-up: whose webhook it is, and which top-up's. */
export const ofTopUp = (topUpId: TopUpId, ownerId: UserId) => ({
  purpose: 'top-up',
  top_up_id: topUpId,
  owner_id: ownerId,
})

/** The top-up that a payment is for; undefined if its metadata name none. */
export const topUpIn = (metadata: Metadata): TopUpId | undefined =>
  TopUpId.safeParse(metadata['top_up_id']).data
