import type { EventStoreDBClient } from '@eventstore/db-client'
import { LRUCache } from 'lru-cache'
import type { Recorded } from '../eventstore/codec.ts'
import { isPassing, Unavailable } from '../eventstore/faults.ts'
import { readBackwards } from '../eventstore/read.ts'
import { streamOf } from '../eventstore/stream.ts'
import type { UserEvent } from '../people/events.ts'
import { ACCESS_TOKEN_LIFETIME } from '../people/tokens.ts'
import { standing } from './standing.ts'
import type { Standing } from './standing.ts'

/** Milliseconds: what is older than that is known to all tokens that still count, and five minutes of clocks apart. */
const MEMORY = (ACCESS_TOKEN_LIFETIME + 300) * 1_000
/** People whose standing is kept; whoever is forgotten is read again. */
const MAX_PEOPLE = 50_000

/** The standing of everybody who has been here lately, kept up to date by the log. */
export interface Standings {
  /** Throws `Unavailable` when it has to be read, and can't be. */
  of(user: string): Promise<Standing>
  /** Every revoking event that is appended from the first question on must be told, in order. */
  tell(user: string, event: Recorded<UserEvent>): void
  forget(user: string): void
}

interface Known {
  readonly standing: Standing
  /** Of the last event that it knows of. */
  readonly revision: number
}

/**
 * Somebody's standing is read when they first come: the newest part of their stream, which tokens can't know of. What
 * is told in the meantime waits for that, and counts if the reading did not meet it.
 */
export const createStandings = (client: EventStoreDBClient, now: () => Date): Standings => {
  // Not for longer, though they may come again and again: what is kept of them grows as they sign in and out.
  const people = new LRUCache<string, Promise<Known>>({ max: MAX_PEOPLE, ttl: MEMORY, noUpdateTTL: true })

  const keep = (user: string, known: Promise<Known>): Promise<Known> => {
    people.set(user, known)
    known.catch(() => people.get(user) === known && people.delete(user))
    return known
  }

  return {
    of: async (user) => (await (people.get(user) ?? keep(user, newestOf(client, user, now())))).standing,
    tell: (user, event) => {
      const known = people.get(user)
      if (known)
        void keep(
          user,
          known.then((before) => after(before, event)),
        )
    },
    forget: (user) => void people.delete(user),
  }
}

const after = (known: Known, event: Recorded<UserEvent>): Known =>
  event.revision > known.revision
    ? { standing: standing.evolve(known.standing, event), revision: event.revision }
    : known

const newestOf = async (client: EventStoreDBClient, user: string, now: Date): Promise<Known> => {
  const events: Recorded<UserEvent>[] = []
  try {
    for await (const event of readBackwards(client, streamOf(standing, user))) {
      if (new Date(event.metadata.at).getTime() < now.getTime() - MEMORY) break
      events.push(event)
    }
  } catch (fault) {
    throw isPassing(fault) ? new Unavailable('it cannot be read who has signed out', { cause: fault }) : fault
  }
  return events.reduceRight(after, { standing: standing.initial, revision: -1 })
}
