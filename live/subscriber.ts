import type { EventStoreDBClient } from '@eventstore/db-client'
import type { ReadModels } from '../projections/readModels.ts'
import type { Leave } from '../service/topic.ts'
import type { Hub } from './hub.ts'
import { liveQueue } from './queue.ts'
import type { LiveQueue, Telling } from './queue.ts'

/** What following something live takes. */
export interface LiveParts {
  readonly hub: Hub
  readonly readModels: ReadModels
  readonly client: EventStoreDBClient
  readonly telling?: Telling
}

/** Updates that may wait for one subscriber. */
export const LIMIT = 1_000

/** A subscriber's queue, given to `prepare` first; it leaves the hub when it ends, also when preparing fails. */
export const subscriber = async <T>(
  { telling }: Pick<LiveParts, 'telling'>,
  prepare: (queue: LiveQueue<T>, leaving: (leave: Leave) => void) => Promise<void>,
): Promise<LiveQueue<T>> => {
  const leaves: Leave[] = []
  const queue = liveQueue<T>({
    limit: LIMIT,
    telling,
    onClose: () => {
      for (const leave of leaves) leave()
    },
  })
  try {
    await prepare(queue, (leave) => leaves.push(leave))
    return queue
  } catch (fault) {
    await queue.return()
    throw fault
  }
}

/** The later of two log positions. */
export const later = (a: bigint, b: bigint): bigint => (a > b ? a : b)
