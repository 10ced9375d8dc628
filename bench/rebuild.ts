import type { EventStoreDBClient } from '@eventstore/db-client'
import type { Db } from 'mongodb'
import { foldersOn } from '../projections/all.ts'
import { runProjections } from '../projections/runner.ts'

export interface RebuildOptions {
  readonly client: EventStoreDBClient
  readonly db: Db
  /** Commit position of the last event. */
  readonly upTo: bigint
  /** So many more events are folded and written. */
  readonly wrote: (events: number) => void
}

/** Folds the log into all read models of a database that has none yet. Any fault ends it. */
export const rebuild = async ({ client, db, upTo, wrote }: RebuildOptions): Promise<void> => {
  const done = new AbortController()
  const fail = (fault: unknown) => {
    throw fault
  }
  await runProjections({
    client,
    db,
    folders: foldersOn(db),
    signal: done.signal,
    observer: {
      wrote: (events, position) => {
        wrote(events)
        if (position >= upTo) done.abort()
      },
      retried: fail,
      stopped: (_, fault) => fail(fault),
    },
  })
}
