import type { EventStoreDBClient } from '@eventstore/db-client'
import { impossible } from './decision.ts'
import { Contended } from './faults.ts'
import { readBackwards } from './read.ts'
import type { StreamOf } from './stream.ts'
import type { Outcome } from './transact.ts'
import type { Forgotten, Knowledge, Searched } from './verdicts.ts'

/** How a matter is decided, and how its verdict is found when the state has forgotten it. */
export interface Deciding<State, Event, Found, V> {
  readonly decide: (searched: Searched<Found> | undefined) => Promise<Outcome<State, Event, Forgotten>>
  /** What the state knows of the matter after that. */
  readonly known: (state: State, searched: Searched<Found> | undefined) => Knowledge<V>
  readonly search: () => Promise<Found | undefined>
}

/** A search is out of date only when thousands of matters were decided meanwhile. */
const SEARCHES = 5

/**
 * The verdict on a matter, which is decided once, however often it is asked for: when the state may have forgotten
 * it, it is searched for, and decided with what was found. Throws `Contended` if that was always out of date, and
 * what `transact` throws.
 */
export const decideOnce = async <State, Event, Found, V>({
  decide,
  known,
  search,
}: Deciding<State, Event, Found, V>): Promise<V> => {
  let searched: Searched<Found> | undefined
  for (let searches = 0; ; searches++) {
    const { refused, state } = await decide(searched)
    if (refused === undefined) {
      const knowledge = known(state, searched)
      return knowledge.known === 'YES' ? knowledge.verdict : impossible('it was decided, and is not known')
    }
    if (searches === SEARCHES) throw new Contended('a state kept forgetting while its stream was searched')
    searched = { forgettings: refused.forgettings, found: await search() }
  }
}

/** The newest event about a matter that came up at a time: nothing about it is much older than that. */
export const newestAbout = async <State, Event>(
  client: EventStoreDBClient,
  stream: StreamOf<State, Event>,
  cameUpAt: string,
  isAbout: (event: Event) => boolean,
): Promise<Event | undefined> => {
  for await (const event of readBackwards(client, stream)) {
    if (isAbout(event)) return event
    if (wasLongBefore(event.metadata.at, cameUpAt)) return undefined
  }
  return undefined
}

/** An hour allows for clocks that disagree. */
const wasLongBefore = (at: string, cameUpAt: string) => Date.parse(at) < Date.parse(cameUpAt) - 3_600_000
