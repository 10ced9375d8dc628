import {
  eventTypeFilter,
  PersistentSubscriptionExistsError,
  persistentSubscriptionToAllSettingsFromDefaults,
  START,
} from '@eventstore/db-client'
import type {
  END,
  EventStoreDBClient,
  PersistentSubscriptionToAll,
  PersistentSubscriptionToAllResolvedEvent,
} from '@eventstore/db-client'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Codec, Recorded } from './codec.ts'
import { within } from './deadline.ts'
import { isPassing } from './faults.ts'
import { leave, pull } from './pull.ts'
import { pause } from './pause.ts'
import { backoff, retrying } from './retry.ts'
import type { RetryPolicy } from './retry.ts'

/**
 * Work that follows from published events, in a group of competing consumers. The handler may run twice for
 * an event, and must then change nothing the second time.
 */
export interface Reaction<E> {
  /** Name of the persistent subscription on `$all`. */
  readonly group: string
  /** Its types are the filter. */
  readonly codec: Codec<E>
  readonly handle: (event: Recorded<E>) => Promise<unknown>
  /** Given back so often, an event is parked; fixed when the group is created. Some ten times, unless it says so. */
  readonly redeliveries?: number
}

export interface ReactionObserver {
  /** The server has confirmed the subscription. */
  connected(group: string): void
  handled(group: string): void
  retried(group: string, fault: unknown): void
  parked(group: string, reason: string): void
  disconnected(group: string, fault: unknown): void
}

export interface ReactionOptions {
  readonly client: EventStoreDBClient
  readonly signal: AbortSignal
  readonly observer: ReactionObserver
  /** Events in hand at a time. */
  readonly concurrency?: number
}

/** Seconds-long troubles are sat out here, with backoff; the server's own redelivery is immediate. */
const HANDLING: RetryPolicy = { tries: 6, firstDelay: 100, maxDelay: 4_000 }
const RECONNECT: RetryPolicy = { tries: Infinity, firstDelay: 50, maxDelay: 2_000 }
/** Most troubles are sat out well within it; what takes longer is delivered again, which a handler must bear. */
const MESSAGE_TIMEOUT = 60_000
const MAX_REDELIVERIES = 10
/** For what asks a service of somebody else's, which may be away for days: each time takes some ten seconds. */
export const FOR_DAYS = 50_000
const CALL_DEADLINE = 10_000

/**
 * Runs a reaction until the signal is aborted, then finishes what is in hand. Acknowledges after the effect,
 * tries again with backoff what failed in passing, parks with the reason what can't be handled.
 */
export const runReaction = async <E>(reaction: Reaction<E>, options: ReactionOptions): Promise<void> => {
  const { signal, observer } = options
  let failures = 0
  while (!signal.aborted) {
    try {
      const { group, codec, redeliveries } = reaction
      await ensureGroup(group, codec.types, options.client, START, redeliveries)
      await consume(reaction, options, () => (failures = 0))
      if (!signal.aborted) observer.disconnected(reaction.group, new Error('the subscription ended'))
    } catch (fault) {
      observer.disconnected(reaction.group, fault)
    }
    if (!signal.aborted) await pause(backoff(++failures, RECONNECT), signal)
  }
}

/** Creates the group if it is missing: from the beginning of the log, so that nothing published is missed. */
export const ensureGroup = async (
  group: string,
  types: readonly string[],
  client: EventStoreDBClient,
  startFrom: typeof START | typeof END = START,
  redeliveries = MAX_REDELIVERIES,
) => {
  const settings = persistentSubscriptionToAllSettingsFromDefaults({
    startFrom,
    messageTimeout: MESSAGE_TIMEOUT,
    maxRetryCount: redeliveries,
    liveBufferSize: 2_000,
    historyBufferSize: 2_000,
    readBatchSize: 100,
  })
  const filter = eventTypeFilter({ regex: `^(${types.join('|')})$` })
  try {
    await within(
      CALL_DEADLINE,
      `creating ${group}`,
      client.createPersistentSubscriptionToAll(group, settings, { filter, deadline: CALL_DEADLINE }),
    )
  } catch (fault) {
    if (!(fault instanceof PersistentSubscriptionExistsError)) throw fault
  }
}

const consume = async <E>(reaction: Reaction<E>, options: ReactionOptions, onProgress: () => void) => {
  const { client, observer, concurrency = 256 } = options
  const { group } = reaction
  const broken = new AbortController()
  const signal = AbortSignal.any([options.signal, broken.signal])
  const subscription = client.subscribeToPersistentSubscriptionToAll(
    group,
    { bufferSize: concurrency },
    { highWaterMark: concurrency },
  )
  subscription.on('confirmation', () => observer.connected(group))
  const answers = answersTo(subscription)
  const inHand = new Set<Promise<void>>()

  const handle = async (resolved: PersistentSubscriptionToAllResolvedEvent) => {
    try {
      const event = reaction.codec.decode(resolved)
      await retrying(HANDLING, isPassing, () => reaction.handle(event), options.signal)
      await answers.ack(resolved)
      observer.handled(group)
      onProgress()
    } catch (fault) {
      if (broken.signal.aborted || options.signal.aborted) return
      if (isPassing(fault)) {
        observer.retried(group, fault)
        await answers.nack('retry', String(fault), resolved)
      } else {
        observer.parked(group, String(fault))
        await answers.nack('park', String(fault), resolved)
      }
    }
  }

  try {
    for await (const batch of pull<PersistentSubscriptionToAllResolvedEvent>(
      subscription,
      concurrency,
      signal,
    )) {
      for (const resolved of batch) {
        // What can't even be answered ends the subscription: the server will deliver it again.
        const work = handle(resolved)
          .catch((fault: unknown) => broken.abort(fault))
          .finally(() => inHand.delete(work))
        inHand.add(work)
      }
    }
    await Promise.all(inHand)
    if (broken.signal.aborted) throw broken.signal.reason
  } finally {
    broken.abort()
    await Promise.all(inHand)
    await leave(subscription)
  }
}

/** Acknowledgements of one turn of the event loop go out as one message. */
const answersTo = (subscription: PersistentSubscriptionToAll) => {
  let acks: PersistentSubscriptionToAllResolvedEvent[] = []
  let sent: Promise<void> | undefined
  const flush = async () => {
    await nextTurn()
    const events = acks
    acks = []
    sent = undefined
    await within(CALL_DEADLINE, 'acknowledging', subscription.ack(...events))
  }
  return {
    ack: (event: PersistentSubscriptionToAllResolvedEvent): Promise<void> => {
      acks.push(event)
      return (sent ??= flush())
    },
    nack: (action: 'retry' | 'park', reason: string, event: PersistentSubscriptionToAllResolvedEvent) =>
      within(CALL_DEADLINE, 'refusing', subscription.nack(action, reason, event)),
  }
}
