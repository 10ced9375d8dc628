import { eventTypeFilter, START } from '@eventstore/db-client'
import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client'
import { UndecodableEvent } from './codec.ts'
import type { Codec, Recorded } from './codec.ts'
import { leave, pull } from './pull.ts'
import { pause } from './pause.ts'
import { backoff } from './retry.ts'
import type { RetryPolicy } from './retry.ts'

/** An event that is in the log but cannot be read; whoever cares about its type must stop. */
export interface Unreadable {
  readonly type: string
  readonly stream: string
  readonly revision: number
  readonly position: bigint
  readonly fault: UndecodableEvent
}

/** An event of the log as a reader of the log meets it. */
export type Met<E> = Recorded<E> | Unreadable

/** What arrived together. `position`: everything up to it was seen, whether it was asked for or not. */
export interface Batch<E> {
  readonly events: readonly Met<E>[]
  readonly position: bigint
}

export interface CatchUpOptions<E> {
  readonly client: EventStoreDBClient
  /** Its types are the filter. */
  readonly codec: Codec<E>
  /** Commit position after which to start; 0 for the beginning of the log. */
  readonly from: bigint
  readonly maxBatch: number
  readonly signal: AbortSignal
  /** Told of each lost connection, before the next try. */
  readonly onFault: (fault: unknown) => void
}

const RECONNECT: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 2_000 }
const CHECKPOINT_INTERVAL = 10
/** Events that the client takes in while others are being handled. */
const BUFFERED = 2_000

export const isUnreadable = <E>(event: Met<E>): event is Unreadable => 'fault' in event

/**
 * Follows `$all` from a position, for the types of a codec, for as long as the signal is not aborted: what is
 * there already and then what is appended, in batches of what has arrived. Reconnects by itself and goes on
 * where it was, with backoff.
 */
export async function* catchUp<E>({
  client,
  codec,
  from,
  maxBatch,
  signal,
  onFault,
}: CatchUpOptions<E>): AsyncGenerator<Batch<E>> {
  let position = from
  let failures = 0
  while (!signal.aborted) {
    let reached = position
    const filter = eventTypeFilter({
      regex: `^(${codec.types.join('|')})$`,
      checkpointInterval: CHECKPOINT_INTERVAL,
      checkpointReached: (from, { commit }) => {
        reached = commit
        // Wakes the reader, though there is nothing to read.
        from.emit('readable')
      },
    })
    const fromPosition = position === 0n ? START : { commit: position, prepare: position }
    const subscription = client.subscribeToAll({ fromPosition, filter }, { highWaterMark: BUFFERED })
    try {
      for await (const arrived of pull<AllStreamResolvedEvent>(subscription, maxBatch, signal)) {
        const events = arrived.map((resolved) => decode(codec, resolved))
        // Only when nothing is left to take is everything before the checkpoint taken.
        const seen = events.at(-1)?.position ?? reached
        if (seen <= position) continue
        position = seen
        failures = 0
        yield { events, position }
      }
      if (signal.aborted) return
      onFault(new Error('the subscription ended'))
    } catch (fault) {
      onFault(fault)
    } finally {
      await leave(subscription)
    }
    await pause(backoff(++failures, RECONNECT), signal)
  }
}

/** Decodes an event, or says why that can't be done. */
export const decode = <E>(codec: Codec<E>, resolved: AllStreamResolvedEvent): Met<E> => {
  try {
    return codec.decode(resolved)
  } catch (fault) {
    if (!(fault instanceof UndecodableEvent)) throw fault
    return {
      type: resolved.event?.type ?? '',
      stream: resolved.event?.streamId ?? '',
      revision: Number(resolved.event?.revision ?? -1),
      position: resolved.commitPosition ?? 0n,
      fault,
    }
  }
}
