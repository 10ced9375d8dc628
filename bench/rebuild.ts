import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { foldables } from '../projections/all.ts'
import { projectUpTo } from '../projections/upTo.ts'

export interface RebuildOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  /** Commit position of the last event. */
  readonly upTo: bigint
  /** The read models to fold; all of them by default. */
  readonly only?: readonly string[] | undefined
  /** So many more events are folded and written. */
  readonly wrote: (events: number) => void
}

/** Folds the log into all read models of a database that has none yet. Any fault ends it. */
export const rebuild = async ({ client, db, upTo, only, wrote }: RebuildOptions): Promise<void> => {
  const now = () => new Date()
  const newId = () => crypto.randomUUID()
  const projections = foldables.filter(({ name }) => only?.includes(name) ?? true)
  const stopped = await projectUpTo({ client, db, position: upTo, projections, now, newId, wrote })
  if (stopped.length > 0) throw new Error(`stopped: ${stopped.join(', ')}`)
}
