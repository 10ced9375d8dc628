import { BACKWARDS, END, FORWARDS, START, StreamNotFoundError } from '@eventstore/db-client'
import type { EventStoreDBClient, ReadRevision } from '@eventstore/db-client'
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
  read(client, stream, FORWARDS, from === 0 ? START : BigInt(from), (revision) => BigInt(revision + 1))

/** A stream's events, newest first; nothing if the stream does not exist. */
export const readBackwards = <State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
): AsyncGenerator<Recorded<Event>> =>
  read(client, stream, BACKWARDS, END, (revision) => (revision > 0 ? BigInt(revision - 1) : undefined))

/** Events of one read call. Each is read to its end, as one that is left early stays open in the client. */
const PAGE = 500

async function* read<State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  direction: typeof FORWARDS | typeof BACKWARDS,
  from: ReadRevision,
  following: (revision: number) => bigint | undefined,
): AsyncGenerator<Recorded<Event>> {
  for (let fromRevision: ReadRevision | undefined = from; fromRevision !== undefined;) {
    const options = { direction, fromRevision, maxCount: PAGE, deadline: READ_DEADLINE }
    const events = client.readStream(stream.name, options)[Symbol.asyncIterator]()
    const take = () => within(READ_DEADLINE, `reading ${stream.name}`, events.next())
    let taken = 0
    let leftEarly = true
    try {
      for (let next = await take(); !next.done; next = await take()) {
        const event = stream.aggregate.codec.decode(next.value)
        fromRevision = following(event.revision)
        taken++
        yield event
      }
      leftEarly = false
    } catch (fault) {
      leftEarly = false
      if (!(fault instanceof StreamNotFoundError)) throw fault
    } finally {
      if (leftEarly) while (!(await take()).done) continue
    }
    if (taken < PAGE) return
  }
}

/** Commit position of the newest event of all; 0 if there is none. */
export const headOfLog = async (client: EventStoreDBClient): Promise<bigint> => {
  const newest = client.readAll({
    direction: BACKWARDS,
    fromPosition: END,
    maxCount: 1,
    deadline: READ_DEADLINE,
  })
  let position = 0n
  const read = async () => {
    for await (const { commitPosition } of newest) position = commitPosition ?? position
  }
  await within(READ_DEADLINE, 'reading the head of the log', read())
  return position
}
