import { BACKWARDS, FORWARDS, START, StreamNotFoundError } from '@eventstore/db-client'
import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Recorded } from './codec.ts'
import { within } from './deadline.ts'
import type { StreamOf } from './stream.ts'

/** Every await on the event store ends within this many milliseconds. */
export const READ_DEADLINE = 10_000

/** Folds a stream from a revision on; `missing` if there is no such stream. */
export interface Folded<State> {
  readonly state: State
  /** Revision of the last event folded in; −1 before the first. */
  readonly revision: number
  /** Position of the last event folded in; 0 before the first. */
  readonly position: bigint
}

/** Continues a fold with whatever the stream holds beyond it. */
export const foldFrom = async <State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  folded: Folded<State>,
): Promise<Folded<State>> => {
  let { state, revision, position } = folded
  for await (const event of readForwards(client, stream, revision + 1)) {
    state = stream.aggregate.evolve(state, event)
    revision = event.revision
    position = event.position
  }
  return { state, revision, position }
}

/** A stream's events in order, from a revision on; nothing if the stream does not exist. */
export const readForwards = <State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  from: number,
): AsyncGenerator<Recorded<Event>> =>
  read(client, stream, { direction: FORWARDS, fromRevision: from === 0 ? START : BigInt(from) })

/** A stream's events, newest first; nothing if the stream does not exist. */
export const readBackwards = <State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
): AsyncGenerator<Recorded<Event>> => read(client, stream, { direction: BACKWARDS, fromRevision: 'end' })

async function* read<State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  options: { direction: typeof FORWARDS | typeof BACKWARDS; fromRevision: bigint | 'start' | 'end' },
): AsyncGenerator<Recorded<Event>> {
  const reading = client.readStream(stream.name, { ...options, deadline: READ_DEADLINE })
  const events = reading[Symbol.asyncIterator]()
  try {
    for (;;) {
      const next = await within(READ_DEADLINE, `reading ${stream.name}`, events.next())
      if (next.done) return
      yield stream.aggregate.codec.decode(next.value)
    }
  } catch (fault) {
    if (!(fault instanceof StreamNotFoundError)) throw fault
  } finally {
    await events.return?.()
  }
}
