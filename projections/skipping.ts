import type { EventStoreDBClient } from '@eventstore/db-client'
import { codecOf } from '../eventstore/codec.ts'
import type { Decision } from '../eventstore/decision.ts'
import { foldFrom } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { Aggregate } from '../eventstore/stream.ts'
import { projectionEvents } from './events.ts'
import type { ProjectionEvent } from './events.ts'
import type { Place } from './folder.ts'

type Skipped = ProjectionEvent['data']

/** What a read model leaves out. */
export type Skips = readonly Skipped[]

/** Streams `projection-<name>`. */
export const skipping: Aggregate<Skips, ProjectionEvent> = {
  category: 'projection',
  codec: codecOf(projectionEvents),
  initial: [],
  evolve: (skips, { data }) => [...skips, data],
}

/** Leaves an event out; one that is left out already stays so. */
export const skip =
  (event: Skipped) =>
  (skips: Skips): Decision<ProjectionEvent> =>
    isSkippedBy(skips)(event) ? [] : [{ type: 'EventSkipped', data: event }]

/** Whether an event is left out. */
export const isSkippedBy =
  (skips: Skips) =>
  ({
    stream,
    revision,
    position,
  }: Omit<Place, 'position'> & { readonly position: bigint | number }): boolean =>
    skips.some(
      (skipped) =>
        BigInt(skipped.position) === BigInt(position) ||
        (skipped.andFollowing && skipped.stream === stream && skipped.revision <= revision),
    )

/** What a projection leaves out, as the log says now. */
export const readSkips = async (client: EventStoreDBClient, projection: string): Promise<Skips> => {
  const nothing = { state: skipping.initial, revision: -1, position: 0n }
  return (await foldFrom(client, streamOf(skipping, projection), nothing)).state
}
