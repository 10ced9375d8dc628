import { catchUp } from '../eventstore/catchUp.ts'
import type { Batch, CatchUpOptions } from '../eventstore/catchUp.ts'
import type { Logger } from './logger.ts'

export interface FollowOptions<E> extends Omit<CatchUpOptions<E>, 'maxBatch' | 'onFault'> {
  /** What it is followed for, as the service's log calls it. */
  readonly what: string
  readonly log: Logger
}

const MAX_BATCH = 500

/** `catchUp` for a service: what goes wrong is in its log, once per outage, not at each of its tries. */
export async function* followLog<E>({ what, log, ...options }: FollowOptions<E>): AsyncGenerator<Batch<E>> {
  let connected = true
  const batches = catchUp({
    ...options,
    maxBatch: MAX_BATCH,
    onFault: (fault) => {
      log[connected ? 'warn' : 'debug']({ err: fault }, `${what}: lost the connection, trying again`)
      connected = false
    },
  })
  for await (const batch of batches) {
    connected = true
    yield batch
  }
}
