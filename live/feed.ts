import type { EventStoreDBClient } from '@eventstore/db-client'
import { isUnreadable } from '../eventstore/catchUp.ts'
import type { ReadModels } from '../projections/readModels.ts'
import type { Logger } from '../service/logger.ts'
import { followLog } from '../service/followLog.ts'
import { untilUp } from '../service/untilUp.ts'
import type { Hub } from './hub.ts'
import { liveCodec } from './updates.ts'

export interface FeedOptions {
  readonly client: EventStoreDBClient
  readonly readModels: Pick<ReadModels, 'position'>
  readonly hub: Hub
  readonly signal: AbortSignal
  readonly log: Logger
}

/**
 * Feeds the hub from the log until the signal is aborted. It begins where the read models of what is followed
 * are: all before is in them, and all after comes live.
 */
export const feedHub = async ({ client, readModels, hub, signal, log }: FeedOptions): Promise<void> => {
  const from = await untilUp('live updates', () => readModels.position('orders', 'wallets'), { signal, log })
  hub.begin(from)
  const feed = followLog({ what: 'live updates', client, codec: liveCodec, from, signal, log })
  for await (const batch of feed) {
    for (const event of batch.events)
      if (isUnreadable(event))
        log.error({ err: event.fault, stream: event.stream }, 'an event that cannot be shown live')
    hub.dispatch(batch)
  }
}
