import type { EventStoreDBClient } from '@eventstore/db-client'
import type { RefundFailure } from '../domain/payment.ts'
import { decideOnce, newestAbout } from '../eventstore/decideOnce.ts'
import type { Cause } from '../eventstore/metadata.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Writer } from '../eventstore/transact.ts'
import { returnOf } from './decidedRefunds.ts'
import type { Refund, Return } from './decidedRefunds.ts'
import type { WalletEvent } from './events.ts'
import { refund, wallet } from './wallet.ts'
import type { Wallet } from './wallet.ts'

export interface RefundOptions {
  readonly client: EventStoreDBClient
  readonly wallets: Writer<Wallet, WalletEvent>
}

/**
 * Gives money back to a customer's wallet, once, however often it is asked: the first verdict stands. Answers why
 * the wallet refused it; undefined if the money is back.
 */
export const refundWallet =
  ({ client, wallets }: RefundOptions) =>
  async (asked: Refund, cause: Cause): Promise<RefundFailure | undefined> => {
    const { failure } = await decideOnce({
      decide: (searched) => wallets.transact(asked.customerId, refund(asked, searched), { cause }),
      known: (wallet, searched) => returnOf(wallet.refunds, asked, searched),
      search: () => searchReturn(client, asked),
    })
    return failure
  }

const searchReturn = async (
  client: EventStoreDBClient,
  { refundId, customerId, requestedAt }: Refund,
): Promise<Return | undefined> => {
  const isAbout = ({ data }: WalletEvent) => 'refundId' in data && data.refundId === refundId
  const found = await newestAbout(client, streamOf(wallet, customerId), requestedAt, isAbout)
  return found && { failure: found.type === 'RefundRefused' ? found.data.failure : undefined }
}
