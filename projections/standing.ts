import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { isUnreadable } from '../eventstore/catchUp.ts'
import type { Met } from '../eventstore/catchUp.ts'
import { codecOf } from '../eventstore/codec.ts'
import { headOfLog } from '../eventstore/read.ts'
import { readLog } from '../eventstore/readLog.ts'
import { lowest, readCheckpoints } from './checkpoints.ts'
import type { AnyEvent, Foldable } from './folder.ts'
import { readStates } from './state.ts'
import type { ProjectionState } from './state.ts'

/** How far a read model is behind the log. */
export interface Lag {
  /** Events of its own that it has not folded yet. */
  readonly events: number
  /** Age of the oldest of them; 0 if there is none. */
  readonly seconds: number
  /** There are more than were counted. */
  readonly orMore: boolean
}

/**
 * FOLDING: keeps up with the log. STOPPED: at an event that it can't fold. BUILDING: being built anew; the present
 * documents serve meanwhile. OUTDATED: its documents are of another version, and nobody is at work on it yet.
 */
export type Condition = 'FOLDING' | 'STOPPED' | 'BUILDING' | 'OUTDATED'

/** Where a read model stands. */
export interface Standing {
  readonly name: string
  readonly condition: Condition
  /** Version of the projection that made the documents. */
  readonly version: number
  /** Commit position up to which everything is folded in. */
  readonly position: bigint
  readonly lag: Lag
  readonly state: ProjectionState
}

export interface StandingOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  readonly projections: readonly Foldable[]
  readonly now: () => Date
  /** Records of the log that are looked at to count what is missing. */
  readonly mostCounted?: number
}

const MOST_COUNTED = 100_000
const DEADLINE = 5_000

/** Where all read models stand. Both servers must answer. */
export const standings = async (options: StandingOptions): Promise<readonly Standing[]> => {
  const { client, db, projections, now, mostCounted = MOST_COUNTED } = options
  const names = projections.map(({ name }) => name)
  const [states, positions, head] = await Promise.all([
    readStates(db, DEADLINE),
    readCheckpoints(db, names, DEADLINE),
    headOfLog(client),
  ])
  const lags = lagCounter(projections, positions)
  const codec = codecOf(Object.fromEntries(projections.flatMap(({ events }) => Object.entries(events))))
  let counted = 0
  let all = true
  for await (const page of readLog(client, codec, lowest(positions.values()), head)) {
    for (const event of page) lags.count(event)
    counted += page.length
    all = counted < mostCounted
    if (!all) break
  }
  return projections.map((projection) => {
    const { name, version } = projection
    const state = states.get(name) ?? { _id: name, version }
    return {
      name,
      condition: conditionOf(state, version),
      version: state.version ?? version,
      position: positions.get(name) ?? 0n,
      lag: lags.of(name, now(), !all),
      state,
    }
  })
}

const conditionOf = ({ stopped, build, version }: ProjectionState, wanted: number): Condition => {
  if (stopped) return 'STOPPED'
  if (build) return 'BUILDING'
  return (version ?? wanted) === wanted ? 'FOLDING' : 'OUTDATED'
}

const lagCounter = (projections: readonly Foldable[], positions: ReadonlyMap<string, bigint>) => {
  const missing = new Map(projections.map(({ name }) => [name, { events: 0, oldest: '' }]))
  return {
    count: (event: Met<AnyEvent>) => {
      for (const { name, events } of projections) {
        const lag = missing.get(name)
        if (!lag || !(event.type in events) || event.position <= (positions.get(name) ?? 0n)) continue
        lag.events++
        if (!isUnreadable(event)) lag.oldest ||= event.metadata.at
      }
    },
    of: (name: string, now: Date, orMore: boolean): Lag => {
      const { events, oldest } = missing.get(name) ?? { events: 0, oldest: '' }
      const seconds = oldest ? Math.max(0, (now.getTime() - Date.parse(oldest)) / 1_000) : 0
      return { events, seconds, orMore: orMore && events > 0 }
    },
  }
}
