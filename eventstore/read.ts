import { BACKWARDS, END, FORWARDS, START, StreamNotFoundError } from '@eventstore/db-client'
import type { EventStoreDBClient, ReadRevision } from '@eventstore/db-client'
import type { Recorded } from './codec.ts'
import { within } from './deadline.ts'
import { halving } from './halving.ts'
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

/** A stream's events that came after a position of the log; a long stream is not read for its end. */
export async function* readAfter<State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  position: bigint,
): AsyncGenerator<Recorded<Event>> {
  const first = await firstAfter(client, stream, position)
  if (first !== undefined) yield* readForwards(client, stream, first)
}

/** The revision of the first of them, by halving: positions grow with revisions. */
const firstAfter = async <State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  position: bigint,
): Promise<number | undefined> => {
  const one = async (direction: Direction, fromRevision: ReadRevision) => {
    let found: Recorded<Event> | undefined
    for await (const event of readPage(client, stream, { direction, fromRevision, maxCount: 1 }))
      found = event
    return found
  }
  const newest = await one(BACKWARDS, END)
  if (!newest || newest.position <= position) return undefined
  return halving(newest.revision, async (revision) => {
    const event = await one(FORWARDS, BigInt(revision))
    return event && event.position <= position ? event.revision : undefined
  })
}

type Direction = typeof FORWARDS | typeof BACKWARDS

/** Events of one read call. */
const PAGE = 500

async function* read<State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  direction: Direction,
  from: ReadRevision,
  following: (revision: number) => bigint | undefined,
): AsyncGenerator<Recorded<Event>> {
  for (let fromRevision: ReadRevision | undefined = from; fromRevision !== undefined;) {
    let taken = 0
    for await (const event of readPage(client, stream, { direction, fromRevision, maxCount: PAGE })) {
      fromRevision = following(event.revision)
      taken++
      yield event
    }
    if (taken < PAGE) return
  }
}

interface Page {
  readonly direction: Direction
  readonly fromRevision: ReadRevision
  readonly maxCount: number
}

/** The events of one call. It is read to its end, as one that is left early stays open in the client. */
async function* readPage<State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  page: Page,
): AsyncGenerator<Recorded<Event>> {
  const events = client.readStream(stream.name, { ...page, deadline: READ_DEADLINE })[Symbol.asyncIterator]()
  let open = true
  const take = async () => {
    open = false
    const next = await within(READ_DEADLINE, `reading ${stream.name}`, events.next())
    open = !next.done
    return next
  }
  try {
    for (let next = await take(); !next.done; next = await take())
      yield stream.aggregate.codec.decode(next.value)
  } catch (fault) {
    if (!(fault instanceof StreamNotFoundError)) throw fault
  } finally {
    if (open) while (!(await take()).done) continue
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
