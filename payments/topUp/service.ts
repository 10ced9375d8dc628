import type { EventStoreDBClient } from '@eventstore/db-client'
import type { TopUpId } from '../../domain/ids.ts'
import { begin } from '../../eventstore/metadata.ts'
import { writerOf } from '../../eventstore/transact.ts'
import type { Writer } from '../../eventstore/transact.ts'
import { watchDue } from '../../service/watchDue.ts'
import type { WatchOptions } from '../../service/watchDue.ts'
import type { CardRefund } from '../card/intent.ts'
import type { CardProcessor } from '../card/processor.ts'
import type { WalletEvent } from '../events.ts'
import type { Wallet } from '../wallet.ts'
import { topUpCommands } from './commands.ts'
import { depositTopUp, reverseTopUp } from './depositTopUp.ts'
import { expireTopUp } from './expire.ts'
import { topUpNews } from './news.ts'
import { settleTopUps } from './reactions.ts'
import { topUp } from './topUp.ts'
import { tellingTrouble } from './trouble.ts'
import type { TopUpTrouble } from './trouble.ts'

export interface TopUpServiceOptions {
  /** Told of money that a person has to look into. */
  readonly trouble: (trouble: TopUpTrouble) => void
  /** Told of money that was back on a card and out of the wallet, and came to the shop again. */
  readonly bounced: (topUpId: TopUpId, refund: CardRefund) => void
  readonly client: EventStoreDBClient
  readonly wallets: Writer<Wallet, WalletEvent>
  readonly processor: CardProcessor
  readonly now: () => Date
  readonly newId: () => string
}

/** What the payments service does about top-ups. */
export const topUpService = (options: TopUpServiceOptions) => {
  const { trouble, bounced, client, wallets, processor, now, newId } = options
  const topUps = tellingTrouble(writerOf(topUp, { client, now, newId }), trouble)
  const expire = expireTopUp({ topUps, processor, now })
  return {
    /** What people can do, in the same process. */
    commands: topUpCommands({ topUps, wallets, processor, now }),

    /** Hears what the processor tells. */
    news: topUpNews({ topUps, processor, bounced }),

    /** The reaction that moves the money. */
    settle: settleTopUps({
      topUps,
      deposit: depositTopUp({ client, wallets }),
      reverse: reverseTopUp({ client, wallets }),
      processor,
    }),

    /** Lets go of what nobody pays, until the signal is aborted. */
    watch: (watching: Omit<WatchOptions<TopUpId>, 'idOf' | 'lookAfter' | 'now'>): Promise<void> =>
      watchDue({
        ...watching,
        now,
        idOf: (id) => id,
        lookAfter: (id) => expire(id, begin(newId(), 'payments')),
      }),
  }
}
