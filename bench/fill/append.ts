import { NO_STREAM } from '@eventstore/db-client'
import type { EventData, EventStoreDBClient } from '@eventstore/db-client'
import { Unavailable } from '../../eventstore/faults.ts'
import type { Cause } from '../../eventstore/metadata.ts'
import { streamOf } from '../../eventstore/stream.ts'
import type { Aggregate } from '../../eventstore/stream.ts'

/** Events for one stream, to be appended together. */
export interface Append {
  readonly stream: string
  readonly expectedRevision: bigint | typeof NO_STREAM
  readonly events: EventData[]
}

/** An event as it will be recorded, for whatever follows from it. */
export interface Told {
  readonly id: string
  readonly metadata: { readonly $correlationId: string }
}

export interface Telling {
  readonly now: () => Date
  readonly newId: () => string
}

/** The next events of a stream whose last one has the revision; −1 for a new stream. */
export const appendTo = <State, Event>(
  aggregate: Aggregate<State, Event>,
  id: string,
  revision: number,
  events: EventData[],
): Append => ({
  stream: streamOf(aggregate, id).name,
  expectedRevision: revision < 0 ? NO_STREAM : BigInt(revision),
  events,
})

/** Encodes what was decided as the services' writer does, and tells the ids. */
export const tell = <State, Event>(
  aggregate: Aggregate<State, Event>,
  decided: readonly Event[],
  cause: Cause,
  { now, newId }: Telling,
): { readonly events: EventData[]; readonly last: Told } => {
  const at = now()
  const events = decided.map((event) => aggregate.codec.encode(event, newId(), at, cause))
  const last = events.at(-1)
  if (!last) throw new Error(`nothing was decided for a new ${aggregate.category}`)
  return { events, last: { id: last.id, metadata: { $correlationId: cause.correlationId } } }
}

/** Appends to the log; `written` tells how many events so far, and the commit position of the last one. */
export const appending = (client: EventStoreDBClient) => {
  let [events, position] = [0, 0n]
  return {
    append: async ({ stream, expectedRevision, events: told }: Append): Promise<void> => {
      const result = await client.appendToStream(stream, told, { expectedRevision })
      if (!result.position) throw new Unavailable(`appending to ${stream}: no position in the answer`)
      if (result.position.commit > position) position = result.position.commit
      events += told.length
    },
    written: (): { readonly events: number; readonly position: bigint } => ({ events, position }),
  }
}
