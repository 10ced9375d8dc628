import type { EventStoreDBClient } from '@eventstore/db-client'
import { catchUp } from '../eventstore/catchUp.ts'
import type { Met } from '../eventstore/catchUp.ts'
import { headOfLog } from '../eventstore/read.ts'
import type { Logger } from '../service/logger.ts'
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

const MAX_BATCH = 500

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
  let connected = true
  const onFault = (fault: unknown) => {
    // Said once per outage, not at each of its tries.
    log[connected ? 'warn' : 'debug']({ err: fault }, 'sign-outs: lost the connection, trying again')
    connected = false
  }
  const batches = catchUp({ client, codec: revokingEvents, from, maxBatch: MAX_BATCH, signal, onFault })
  for await (const { events } of batches) {
    connected = true
    for (const event of events) tell(event)
  }
}
