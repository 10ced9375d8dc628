import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Met } from '../eventstore/catchUp.ts'
import { headOfLog } from '../eventstore/read.ts'
import type { Logger } from '../service/logger.ts'
import { followLog } from '../service/followLog.ts'
import { untilUp } from '../service/untilUp.ts'
import { revokingEvents } from './standing.ts'
import type { RevokingEvent } from './standing.ts'

export interface FollowOptions {
  readonly client: EventStoreDBClient
  readonly signal: AbortSignal
  readonly log: Logger
  /** All that is appended from now on will be told. */
  readonly begin: () => void
  readonly tell: (event: Met<RevokingEvent>) => void
}

/** Tells of every event that ends somebody's access, from now on until the signal is aborted. */
export const followRevocations = async ({
  client,
  signal,
  log,
  begin,
  tell,
}: FollowOptions): Promise<void> => {
  const from = await untilUp('sign-outs', () => headOfLog(client), { signal, log })
  begin()
  const batches = followLog({ what: 'sign-outs', client, codec: revokingEvents, from, signal, log })
  for await (const { events } of batches) for (const event of events) tell(event)
}
