import { NO_STREAM, WrongExpectedVersionError } from '@eventstore/db-client'
import type { EventStoreDBClient } from '@eventstore/db-client'
import { LRUCache } from 'lru-cache'
import { setTimeout as delay } from 'node:timers/promises'
import { within } from './deadline.ts'
import { isRefusal } from './decision.ts'
import type { Decision } from './decision.ts'
import { Contended, isPassing, Overloaded, Unavailable } from './faults.ts'
import type { Cause } from './metadata.ts'
import { foldFrom } from './read.ts'
import type { Folded } from './read.ts'
import { backoff, retrying } from './retry.ts'
import type { RetryPolicy } from './retry.ts'
import { streamOf } from './stream.ts'
import type { Aggregate, StreamOf } from './stream.ts'

/** A command was decided: its events, and the state after them. No events: it was so already. */
export interface Decided<State, Event> extends Folded<State> {
  readonly refused?: never
  readonly events: readonly Event[]
}

/** A command was refused by a rule; nothing was appended for it. */
export interface Refused<State, R> extends Folded<State> {
  readonly refused: R
}

export type Outcome<State, Event, R> = Decided<State, Event> | Refused<State, R>

export interface TransactOptions<State> {
  readonly cause: Cause
  /**
   * What the caller knows of the stream, so that it need not be read: it may be out of date (the append finds
   * that out), but must have been true at that revision.
   */
  readonly known?: Pick<Folded<State>, 'state' | 'revision'>
}

/** The only writer of one kind of stream. */
export interface Writer<State, Event> {
  /**
   * Takes a stream's state from the cache or loads it, lets `decide` answer, and appends the events expecting
   * the revision that was decided on; decides again, on the newer state, when somebody was faster. Commands
   * that wait for the same stream are decided one after another and appended together.
   * Throws `Overloaded` (nothing was done), `Contended` (nothing was done) or `Unavailable` (not known).
   */
  transact<R = never>(
    id: string,
    decide: (state: State) => Decision<Event, R>,
    options: TransactOptions<State>,
  ): Promise<Outcome<State, Event, R>>
}

export interface WriterOptions {
  readonly client: EventStoreDBClient
  readonly now: () => Date
  readonly newId: () => string
  /** Folded states that are kept; the least recently used goes first. */
  readonly cacheSize?: number
  /** Commands that may wait for one stream. */
  readonly maxWaiting?: number
}

/** Events of one append at the most: far below the server's limit of 1 MiB. */
const MAX_APPEND_EVENTS = 500
const APPEND_DEADLINE = 5_000
const CONFLICTS: RetryPolicy = { tries: 20, firstDelay: 1, maxDelay: 50 }
const FAULTS: RetryPolicy = { tries: 5, firstDelay: 50, maxDelay: 1_000 }

interface Command<State, Event> {
  readonly cause: Cause
  readonly known: Pick<Folded<State>, 'state' | 'revision'> | undefined
  /** The events to append; none also when the command is refused. */
  readonly decide: (state: State) => readonly Event[]
  readonly done: (folded: Folded<State>) => void
  readonly fail: (fault: unknown) => void
}

/** The states and events of commands that were decided one after another, before they are appended. */
interface Plan<State, Event> {
  readonly settled: readonly { readonly command: Command<State, Event>; readonly after: Folded<State> }[]
  readonly events: readonly { readonly event: Event; readonly cause: Cause }[]
  readonly after: Folded<State>
}

export const writerOf = <State, Event>(
  aggregate: Aggregate<State, Event>,
  { client, now, newId, cacheSize = 20_000, maxWaiting = 10_000 }: WriterOptions,
): Writer<State, Event> => {
  const cache = new LRUCache<string, Folded<State>>({ max: cacheSize })
  const waiting = new Map<string, Command<State, Event>[]>()

  const plan = (commands: readonly Command<State, Event>[], base: Folded<State>): Plan<State, Event> => {
    const settled: { command: Command<State, Event>; after: Folded<State> }[] = []
    const events: { event: Event; cause: Cause }[] = []
    let { state, revision } = base
    for (const command of commands) {
      try {
        const decided = command.decide(state)
        // Folded to the end before any of it counts: a command's events are appended all or none.
        state = decided.reduce(aggregate.evolve, state)
        revision += decided.length
        events.push(...decided.map((event) => ({ event, cause: command.cause })))
        settled.push({ command, after: { state, revision, position: base.position } })
      } catch (fault) {
        command.fail(fault)
      }
    }
    return { settled, events, after: { state, revision, position: base.position } }
  }

  /** Appends, and answers the position; undefined if the stream has moved on. A repeat after a fault is
   * known by its event ids, so that an append whose answer was lost is not done twice. */
  const append = async (
    stream: StreamOf<State, Event>,
    { events }: Plan<State, Event>,
    expected: number,
  ): Promise<bigint | undefined> => {
    const at = now()
    const encoded = events.map(({ event, cause }) => aggregate.codec.encode(event, newId(), at, cause))
    const expectedRevision = expected < 0 ? NO_STREAM : BigInt(expected)
    try {
      const result = await retrying(FAULTS, isPassing, () =>
        within(
          APPEND_DEADLINE,
          `appending to ${stream.name}`,
          client.appendToStream(stream.name, encoded, { expectedRevision, deadline: APPEND_DEADLINE }),
        ),
      )
      return result.position?.commit ?? 0n
    } catch (fault) {
      if (fault instanceof WrongExpectedVersionError) return undefined
      throw isPassing(fault) ? new Unavailable(`appending to ${stream.name} failed`, { cause: fault }) : fault
    }
  }

  const load = (stream: StreamOf<State, Event>, from: Folded<State>): Promise<Folded<State>> =>
    retrying(FAULTS, isPassing, () => foldFrom(client, stream, from))

  const settle = async (stream: StreamOf<State, Event>, queued: readonly Command<State, Event>[]) => {
    const nothing = { state: aggregate.initial, revision: -1, position: 0n }
    const cached = (): Folded<State> | undefined => cache.get(stream.name)
    const known = queued[0]?.known
    let commands = queued
    let base = cached() ?? (known ? { ...known, position: 0n } : undefined)
    let fresh = base === undefined
    base ??= await load(stream, nothing)

    for (let conflicts = 0; conflicts < CONFLICTS.tries;) {
      const planned = plan(commands, base)
      commands = planned.settled.map(({ command }) => command)
      const position =
        planned.events.length > 0 ? await append(stream, planned, base.revision) : base.position
      // With nothing to append, nothing would show that the state was old: then it has to be a fresh one.
      if (position !== undefined && (planned.events.length > 0 || fresh)) {
        cache.set(stream.name, { ...planned.after, position })
        for (const { command, after } of planned.settled) command.done({ ...after, position })
        return
      }
      if (position === undefined && ++conflicts > 1) await delay(backoff(conflicts, CONFLICTS))
      base = await load(stream, cached() ?? nothing)
      fresh = true
    }
    throw new Contended(`${stream.name} kept changing under a command`)
  }

  const pump = async (stream: StreamOf<State, Event>, queue: Command<State, Event>[]) => {
    while (queue.length > 0) {
      const commands = queue.splice(0, MAX_APPEND_EVENTS)
      try {
        await settle(stream, commands)
      } catch (fault) {
        cache.delete(stream.name)
        for (const command of commands) command.fail(fault)
      }
    }
    waiting.delete(stream.name)
  }

  return {
    transact: <R>(
      id: string,
      decide: (state: State) => Decision<Event, R>,
      { cause, known }: TransactOptions<State>,
    ) => {
      const { promise, resolve, reject } = Promise.withResolvers<Outcome<State, Event, R>>()
      let decision: Decision<Event, R> = []
      const command: Command<State, Event> = {
        cause,
        known,
        decide: (state) => {
          decision = decide(state)
          return isRefusal(decision) ? [] : decision
        },
        done: (folded) =>
          resolve(
            isRefusal(decision) ? { ...folded, refused: decision.refused } : { ...folded, events: decision },
          ),
        fail: reject,
      }
      const stream = streamOf(aggregate, id)
      const queue = waiting.get(stream.name)
      if (queue) {
        if (queue.length < maxWaiting) queue.push(command)
        else reject(new Overloaded(`${queue.length} commands wait for ${stream.name} already`))
      } else {
        const started = [command]
        waiting.set(stream.name, started)
        void pump(stream, started)
      }
      return promise
    },
  }
}
