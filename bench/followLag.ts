import { END, eventTypeFilter } from '@eventstore/db-client'
import type { AllStreamResolvedEvent, EventStoreDBClient } from '@eventstore/db-client'
import { leave, pull } from '../eventstore/pull.ts'
import { projections } from '../projections/all.ts'
import type { ModelName, ReadModels } from '../projections/readModels.ts'
import { latencies } from './latencies.ts'
import type { Latencies } from './latencies.ts'

export const models = Object.keys(projections).filter((name): name is ModelName => name in projections)

/** The read models that an event changes. */
const changedBy = (type: string) => models.filter((model) => type in projections[model].events)
const types = [...new Set(models.flatMap((model) => Object.keys(projections[model].events)))]

export interface LagOptions {
  readonly client: EventStoreDBClient
  readonly readModels: Pick<ReadModels, 'reached'>
  readonly signal: AbortSignal
}

export interface Lag {
  /** What is recorded from now on counts. */
  readonly begin: () => void
  /** From an event's recorded time until it can be read, by read model. */
  readonly measured: () => ReadonlyMap<ModelName, Latencies>
  /**
   * Resolves when the signal is aborted and all that was seen can be read; rejects when the log can't be followed,
   * or an event does not become readable.
   */
  readonly ended: Promise<void>
}

const MAX_BATCH = 500
const PATIENCE = 30_000

/**
 * Follows the log, and asks for each event when each of its read models has it. The recorded time is the store's
 * own, given when the append arrives, and the same for all services; who appended knows of the acknowledgement a
 * commit later. So this is the longer of the two. Both clocks are those of one machine.
 */
export const followLag = ({ client, readModels, signal }: LagOptions): Lag => {
  const fresh = () => new Map(models.map((model) => [model, latencies()]))
  let measured = fresh()
  const failed = Promise.withResolvers<never>()
  const tracked = new Set<Promise<void>>()

  const track = async (model: ModelName, position: bigint, recordedAt: number): Promise<void> => {
    const into = measured
    await readModels.reached(position, PATIENCE, model)
    into.get(model)?.add(Date.now() - recordedAt)
  }
  const begin = (...event: Parameters<typeof track>) => {
    const tracking = track(...event)
    tracked.add(tracking)
    tracking.then(() => tracked.delete(tracking), failed.reject)
  }
  const follow = async () => {
    const filter = eventTypeFilter({ regex: `^(${types.join('|')})$` })
    const subscription = client.subscribeToAll({ fromPosition: END, filter })
    try {
      for await (const arrived of pull<AllStreamResolvedEvent>(subscription, MAX_BATCH, signal))
        for (const { event } of arrived)
          for (const model of changedBy(event?.type ?? ''))
            if (event?.position) begin(model, event.position.commit, event.created.getTime())
    } finally {
      await leave(subscription)
    }
    if (!signal.aborted) throw new Error('the subscription to the log ended')
    await Promise.all(tracked)
  }
  return {
    begin: () => {
      measured = fresh()
    },
    measured: () => measured,
    ended: Promise.race([follow(), failed.promise]),
  }
}
